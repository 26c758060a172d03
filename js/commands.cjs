'use strict';

// On which side a command runs: the only table that decides it.

const { posix } = require('node:path');
const session = require('./session.cjs');
const { decide, isInRoot, isPinned, route } = require('./route.cjs');
const { clean } = require('./paths.cjs');
const { isKeyCommand, ownServer } = require('./own-commands.cjs');
const { isCarried } = require('./carry.cjs');

/**
 * A command as Node has normalised it.
 * @typedef {object} Command
 * @property {string} file
 * @property {string[]} args The whole argument vector, its first word included.
 * @property {string | null} [cwd] As the caller gave it, if it did.
 * @property {string[]} [envPairs] Its environment, if it is not the program's.
 * @property {boolean} [ipc] Whether it gets an IPC channel.
 */

/**
 * @typedef {object} Row
 * @property {string[] | (() => string[])} [names] Fits commands of these names, by the last part of the file.
 * @property {(command: Command) => boolean} [when] Fits where this holds; with `names`, where both do.
 * @property {string} [what] What it is about, where the names do not say it all.
 * @property {'local' | 'remote'} side
 * @property {string} why
 */

/** The first row that fits decides. @type {Row[]} */
const TABLE = [
  { what: 'any with an IPC channel', when: (command) => command.ipc === true, side: 'local', why: 'a channel joins two Node processes of one machine' },
  { what: 'those of remoteCommands', names: () => session.facts.remoteCommands, side: 'remote', why: 'the user wants it so' },
  { what: 'those of localCommands', names: () => session.facts.localCommands, side: 'local', why: 'the user wants it so' },
  { what: 'a file beneath a root', when: isRootFile, side: 'remote', why: 'only the remote has this file' },
  { what: 'the copies pi has fetched', names: ['rg', 'fd'], when: isOwnCopy, side: 'remote', why: 'they search the project, and the agent has them' },
  { what: 'the Node of the program', when: (command) => command.file === process.execPath, side: 'local', why: 'the remote may have no Node; a local one is bridged' },
  { names: ['node', 'nodejs', 'pi', 'pii'], side: 'local', why: 'the remote may have no Node; a local one is bridged' },
  { names: ['open', 'xdg-open', 'rundll32', 'wslview', 'osascript'], side: 'local', why: 'the user looks at the laptop' },
  { names: ['notify-send', 'terminal-notifier'], side: 'local', why: 'the user looks at the laptop' },
  { names: ['pbcopy', 'pbpaste', 'xclip', 'xsel', 'wl-copy', 'wl-paste', 'clip.exe'], side: 'local', why: "the clipboard is the laptop's" },
  { names: ['tmux'], side: 'local', why: 'it asks the terminal the program runs in' },
  { what: 'to ask tmux about the terminal', names: ['sh'], when: asksTmux, side: 'local', why: 'it asks the terminal the program runs in' },
  { names: ['gh'], side: 'local', why: "it uses the user's login" },
  { names: ['op', 'pass', 'security', 'secret-tool'], side: 'local', why: 'secrets stay on the laptop' },
  { what: 'EDITOR or VISUAL on files of the laptop', when: isEditor, side: 'local', why: "the editor needs the user's terminal or screen" },
  { what: "a command of the laptop's configuration of pi (\"!command\")", when: isKeyCommand, side: 'local', why: "the laptop's configuration of pi has it print a key" },
  { what: "a server of the laptop's mcp.json", when: (command) => ownServer(command) !== undefined, side: 'local', why: "an MCP server of the laptop's configuration" },
  { what: 'a file of the laptop that is pinned', when: isOwnFile, side: 'local', why: "the file belongs to the program's installation" },
  { what: "with a path of pi's directory", names: ['npm', 'pnpm', 'yarn', 'bun', 'git', 'tar', 'unzip'], when: servesPackages, side: 'local', why: 'pi looks after its own packages' },
  { what: 'of pi itself, with -g', names: ['npm', 'pnpm', 'yarn', 'bun'], when: asksInstallation, side: 'local', why: 'pi looks after its own installation' },
  { what: 'any in a directory of the laptop', when: (command) => isLocal(directoryOf(command)), side: 'local', why: 'it is to work in a directory of the laptop' },
  { what: 'any other', when: () => true, side: 'remote', why: 'what the program starts works on the remote' },
];

/** Names that start any command, so that an EDITOR made of one says nothing about a command of that name. */
const STARTERS = new Set(['sh', 'bash', 'dash', 'zsh', 'fish', 'ksh', 'env', 'sudo', 'git', 'npx']);

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

/** Of what the log is to be told of commands. @type {(command: Command, row: Row) => void} */
let tell = () => {};

/** @param {typeof tell} how Called for each decision. */
function onDecision(how) {
  tell = how;
}

/** The side a command runs on. @param {Command} command */
function sideOf(command) {
  const row = rowFor(command);
  tell(command, row);
  return row.side;
}

/** The directory a command works in. None, an empty one and the program's own are the same. @param {Command} command */
const directoryOf = ({ cwd }) => clean(posix.resolve(session.cwd, cwd || ''));

/** @param {string} path */
const isLocal = (path) => decide(path).side === 'local';

/** A command with a slash, as a path. A relative one is looked up in the child's directory. @param {Command} command */
function pathOf(command) {
  if (!command.file.includes('/')) return undefined;
  return clean(posix.resolve(directoryOf(command), command.file));
}

/** A file beneath a root, which the remote alone has. @param {Command} command */
function isRootFile(command) {
  const path = pathOf(command);
  return path !== undefined && isInRoot(path);
}

/** A file of the program's own installation. @param {Command} command */
function isOwnFile(command) {
  const path = pathOf(command);
  return path !== undefined && isPinned(path) && !isCarried(path);
}

/** The rg and fd that pi has fetched for the laptop. @param {Command} command */
function isOwnCopy({ file }) {
  return posix.dirname(file) === posix.join(session.facts.agentDirectory ?? '/', 'bin');
}

/** Whether a word is a path of pi's own packages. @param {Command} command */
function servesPackages({ args }) {
  const { agentDirectory } = session.facts;
  return session.facts.program === 'pi' && args.slice(1).some((word) => word.startsWith(`${agentDirectory}/`));
}

/** Whether a shell does nothing but ask tmux about the terminal. @param {Command} command */
function asksTmux({ args, cwd }) {
  return !cwd && args.length === 3 && args[1] === '-c' && /^tmux (?:display(?:-message)?|show(?:-options)?)\b[^;&|<>`$\n]*$/.test(args[2]);
}

/** Whether pi asks where it is installed, or has itself updated. @param {Command} command */
function asksInstallation({ args, cwd }) {
  return session.facts.program === 'pi' && !cwd && args.some((word) => word === '-g' || word === '--global');
}

/**
 * Whether a command is the user's editor, with the words EDITOR or VISUAL gives it, on something of the laptop: what is on
 * the remote it would not find.
 * @param {Command} command
 */
function isEditor({ file, args }) {
  return [process.env.VISUAL, process.env.EDITOR].some((editor) => {
    const [first, ...rest] = editor?.trim().split(/\s+/) ?? [];
    if (!first || first !== file || STARTERS.has(posix.basename(first))) return false;
    const files = args.slice(rest.length + 1).filter((word) => !/^[-+]/.test(word));
    return rest.every((word, index) => args[index + 1] === word) && files.every((word) => isLocal(clean(posix.resolve(session.cwd, word))));
  });
}

/** What the remote is to execute: the file as the caller wrote it, but for pi's own copies of tools. @param {string} file */
function remoteFile(file) {
  const copy = isOwnCopy({ file, args: [] }) && ['rg', 'fd'].includes(posix.basename(file));
  return Buffer.from(copy ? posix.basename(file) : file);
}

/** The remote directory for a command that runs there: its own, else the program's, else the root. @param {Command} command */
function remoteCwd(command) {
  const given = command.cwd ? route(command.cwd)?.remote : undefined;
  if (given) return given;
  const directory = directoryOf(command);
  return Buffer.from(isLocal(directory) ? session.facts.root : directory);
}

module.exports = { TABLE, rowFor, sideOf, onDecision, remoteFile, remoteCwd };
