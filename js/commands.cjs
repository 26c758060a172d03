'use strict';

// On which side a command runs: the only table that decides it.

const fs = require('node:fs');
const { posix } = require('node:path');
const session = require('./session.cjs');
const { isRemote, route } = require('./route.cjs');

/**
 * A command as Node has normalised it.
 * @typedef {object} Command
 * @property {string} file
 * @property {string[]} args The whole argument vector, its first word included.
 * @property {string | null} [cwd] As the caller gave it, if it did.
 * @property {boolean} [ipc] Whether it gets an IPC channel.
 */

/**
 * @typedef {object} Row
 * @property {string[] | (() => string[])} [names] Fits commands of these names, by the last part of the file.
 * @property {(command: Command) => boolean} [when] Fits where this holds; with `names`, where both do.
 * @property {'local' | 'remote'} side
 * @property {string} why
 */

/** The first row that fits decides. @type {Row[]} */
const TABLE = [
  { when: (command) => command.ipc === true, side: 'local', why: 'a channel joins two Node processes of one machine' },
  { names: () => session.facts.remoteCommands, side: 'remote', why: 'the user wants it so' },
  { names: () => session.facts.localCommands, side: 'local', why: 'the user wants it so' },
  { when: isRemoteFile, side: 'remote', why: 'only the remote has this file' },
  { when: (command) => command.file === process.execPath, side: 'local', why: 'the remote may have no Node; a local one is bridged' },
  { names: ['node', 'nodejs', 'pi', 'pii'], side: 'local', why: 'the remote may have no Node; a local one is bridged' },
  { names: ['open', 'xdg-open', 'rundll32', 'wslview', 'osascript'], side: 'local', why: 'the user looks at the laptop' },
  { names: ['notify-send', 'terminal-notifier'], side: 'local', why: 'the user looks at the laptop' },
  { names: ['pbcopy', 'pbpaste', 'xclip', 'xsel', 'wl-copy', 'wl-paste', 'clip.exe'], side: 'local', why: "the clipboard is the laptop's" },
  { names: ['tmux'], side: 'local', why: 'it asks the terminal the program runs in' },
  { names: ['gh'], side: 'local', why: "it uses the user's login" },
  { names: ['op', 'pass', 'security', 'secret-tool'], side: 'local', why: 'secrets stay on the laptop' },
  { when: isEditor, side: 'local', why: "the editor needs the user's terminal or screen" },
  { when: ({ cwd }) => cwd != null && isRemote(cwd), side: 'remote', why: 'it is to work in a root' },
  { when: ({ cwd }) => cwd != null, side: 'local', why: 'it is to work in a directory of the laptop' },
  {
    when: () => session.facts.program !== 'pi' && isRemote(session.cwd),
    side: 'remote',
    why: 'a program expects a child where it is itself; only pi starts helpers of the laptop (keys, editor) without a cwd',
  },
  { names: ['rg', 'fd', 'fdfind'], when: () => isRemote(session.cwd), side: 'remote', why: 'they search the project, and only the remote can say whether it has them' },
  { when: ({ args }) => args.slice(1).some(isRemoteWord), side: 'remote', why: 'it is given a path of the remote' },
  { when: () => true, side: 'local', why: 'nothing about it is remote' },
];

/** Names that start any command, so that an EDITOR made of one says nothing about a command of that name. */
const STARTERS = new Set(['sh', 'bash', 'dash', 'zsh', 'fish', 'ksh', 'env', 'sudo', 'git', 'npx']);

/** Where binaries of every Unix lie: what is meant by such a path is the name. */
const SYSTEM = /^\/(?:usr\/|usr\/local\/|opt\/homebrew\/)?s?bin\/[^/]+$/;

/** The row that decides about a command. @param {Command} command */
function rowFor(command) {
  const name = posix.basename(command.file);
  const row = TABLE.find(({ names, when }) => {
    if (names !== undefined && !namesOf(names).includes(name)) return false;
    return when === undefined || when(command);
  });
  return /** @type {Row} */ (row);
}

/** @param {NonNullable<Row['names']>} names */
const namesOf = (names) => (typeof names === 'function' ? names() : names);

/** The side a command runs on. @param {Command} command */
function sideOf(command) {
  return rowFor(command).side;
}

/** A command with a slash, as a path. A relative one is looked up in the child's directory. @param {Command} command */
function isRemoteFile({ file, cwd }) {
  if (!file.includes('/')) return false;
  return isRemote(file.startsWith('/') ? file : posix.resolve(session.cwd, cwd ?? '', file));
}

/** A word that is, or whose option's value is, a path of the remote. @param {string} word */
function isRemoteWord(word) {
  const value = /^--?[^=/]+=(\/.*)$/s.exec(word)?.[1] ?? word;
  return value.startsWith('/') && isRemote(value);
}

/** Whether a command is the user's editor, with the words EDITOR or VISUAL gives it. @param {Command} command */
function isEditor({ file, args }) {
  return [process.env.VISUAL, process.env.EDITOR].some((editor) => {
    const [first, ...rest] = editor?.trim().split(/\s+/) ?? [];
    if (!first || first !== file || STARTERS.has(posix.basename(first))) return false;
    return rest.every((word, index) => args[index + 1] === word);
  });
}

/**
 * What the remote is to execute. A file of the laptop means the remote's command of that name; a path that
 * neither a root nor the laptop has as a file can only be meant for the remote.
 * @param {string} file
 */
function remoteFile(file) {
  if (!file.startsWith('/')) return Buffer.from(file);
  const remote = route(file)?.remote;
  if (remote !== undefined) return remote;
  return Buffer.from(SYSTEM.test(file) || fs.statSync(file, { throwIfNoEntry: false })?.isFile() ? posix.basename(file) : file);
}

/** The remote directory for a command that runs there: its own, else the program's, else the root. @param {Command} command */
function remoteCwd({ cwd }) {
  return (cwd == null ? undefined : route(cwd)?.remote) ?? route(session.cwd)?.remote ?? Buffer.from(session.facts.root);
}

module.exports = { TABLE, rowFor, sideOf, remoteFile, remoteCwd };
