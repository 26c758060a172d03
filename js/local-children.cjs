'use strict';

// Processes that stay on the laptop although the program is on the remote: they get a directory that exists here,
// and those that are Node programs get the bridge.

const fs = require('node:fs');
const { posix } = require('node:path');
const originals = require('./originals.cjs');
const session = require('./session.cjs');
const { route } = require('./route.cjs');
const { changedNames } = require('./environment.cjs');
const { ownServer, localWords } = require('./own-commands.cjs');
const { startOf } = require('./node-modes.cjs');

/** Names of Node programs that belong to the session. `pii` is none: it starts a session of its own. */
const NODE_PROGRAMS = new Set(['node', 'nodejs', 'pi']);

/**
 * What has to differ in a local command; undefined when nothing does.
 * @param {import('./spawn-request.cjs').SpawnOptions} options @param {boolean} ipc
 * @returns {{ cwd?: string, envPairs?: string[], file?: string, args?: string[] } | undefined}
 */
function localChanges(options, ipc) {
  const cwd = localCwd(options.cwd || undefined);
  const given = options.envPairs ?? Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  const pairs = atHome(given);
  const { args = [options.file] } = options;
  const server = ownServer({ ...options, args });
  const changes = { ...(cwd !== undefined && { cwd }), ...(server && localWords(server)) };
  if (ipc || isNodeProgram(options.file, pairs)) {
    const bridged = bridge(pairs, posix.resolve(session.cwd, options.cwd || ''));
    const mode = isNode(options.file) ? startOf(args.slice(1), modes(), session.facts.laptopCwd) : undefined;
    if (mode === undefined) return { ...changes, envPairs: bridged };
    const files = mode.files === undefined ? [] : [`PII_ENV_FILES=${mode.files}`];
    return { ...changes, args: [args[0], ...mode.words], envPairs: [...bridged, ...files] };
  }
  if (pairs !== given) return { ...changes, envPairs: pairs };
  return Object.keys(changes).length === 0 ? undefined : changes;
}

/** Whether a command is Node itself. @param {string} file */
const isNode = (file) => file === process.execPath || /^node(?:js)?$/.test(posix.basename(file));

/** Where the scripts lie that do Node's modes. */
const modes = () => posix.join(posix.dirname(session.facts.preload), 'modes');

/** An environment with the laptop's home, where the program's own has the remote's. @param {string[]} pairs */
function atHome(pairs) {
  const home = session.facts.environment?.find(([name]) => name === 'HOME')?.[1];
  if (home === undefined || !pairs.includes(`HOME=${home}`)) return pairs;
  return pairs.map((pair) => (pair === `HOME=${home}` ? `HOME=${session.facts.laptopHome}` : pair));
}

/** The first line of a script that Node runs, as npm and what it installs begin. */
const NODE_SCRIPT = /^#! *(?:\/\S*)?\/(?:env +(?:-S *)?)?node(?:js)?\s/;

/** Whether a local command is one of Node's, by its name or as a script. @param {string} file @param {string[]} pairs Its environment. */
function isNodeProgram(file, pairs) {
  if (file === process.execPath || NODE_PROGRAMS.has(posix.basename(file))) return true;
  if (posix.basename(file) === 'pii') return false;
  const path = pairs.findLast((pair) => pair.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  const places = file.includes('/') ? [file] : path.split(':').map((directory) => posix.join(directory, file));
  const script = places.find((place) => posix.isAbsolute(place) && originals.fs.existsSync(place));
  return script !== undefined && NODE_SCRIPT.test(beginning(script));
}

/** The first bytes of a file of the laptop; none of what is no file or cannot be read. @param {string} path */
function beginning(path) {
  const bytes = Buffer.alloc(128);
  try {
    const fd = originals.fs.openSync(path, 'r');
    try {
      return bytes.toString('latin1', 0, originals.fs.readSync(fd, bytes));
    } finally {
      originals.fs.closeSync(fd);
    }
  } catch {
    return '';
  }
}

/**
 * The directory of the laptop for a child, where it cannot be the one asked for.
 * @param {string | null | undefined} cwd As the caller gave it, if it did.
 */
function localCwd(cwd) {
  const { mirrors } = session.facts;
  const place = route(cwd ?? session.cwd);
  if (place === undefined) return undefined;
  if (place.local !== undefined) return place.local.toString();
  if (place.fault === 'ENOENT') return `${mirrors}/nothing`;
  if (place.fault !== undefined) return mirror(session.cwd);
  return cwd == null ? mirror(session.cwd) : standIn(cwd);
}

/**
 * The directory of the laptop that stands for a remote one. Its path ends like that of the remote one, so that what
 * Node makes absolute with it, `../main.js` too, can be told to be meant there.
 * @param {string} cwd
 */
function mirror(cwd) {
  const path = session.facts.mirrors + (cwd === '/' ? '' : cwd);
  originals.fs.mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

/** A directory of the laptop in which a start succeeds or fails as it would in the remote `cwd`. @param {string} cwd */
function standIn(cwd) {
  const { mirrors } = session.facts;
  try {
    return fs.statSync(cwd).isDirectory() ? mirror(posix.resolve(session.cwd, cwd)) : '/dev/null';
  } catch {
    return `${mirrors}/nothing`;
  }
}

/**
 * An environment in which a child Node joins the session.
 * @param {string[]} pairs @param {string} cwd The directory it is to see.
 */
function bridge(pairs, cwd) {
  const own = new Map([['PII_SOCKET', session.socket], ['PII_CWD', cwd], ['PII_CHANGED', changedNames(pairs)]]);
  const options = pairs.findLast((pair) => pair.startsWith('NODE_OPTIONS='))?.slice('NODE_OPTIONS='.length);
  own.set('NODE_OPTIONS', withPreload(options));
  const others = pairs.filter((pair) => !own.has(pair.slice(0, pair.indexOf('='))));
  return [...others, ...[...own].map(([name, value]) => `${name}=${value}`)];
}

/** A NODE_OPTIONS that begins with the preload. @param {string | undefined} options */
function withPreload(options) {
  const own = preloadOption();
  if (!options || options.startsWith(own)) return options || own;
  return `${own} ${options}`;
}

/** The preload as NODE_OPTIONS takes it: within double quotes a backslash escapes. */
function preloadOption() {
  return `--require "${session.facts.preload.replace(/[\\"]/g, '\\$&')}"`;
}

/** Takes the preload out of this process's own options and NODE_OPTIONS, so that only children of the session get it. */
function hidePreload() {
  const { execArgv } = process;
  const at = execArgv.indexOf(session.facts.preload);
  if (at > 0 && execArgv[at - 1] === '--require') execArgv.splice(at - 1, 2);
  const { NODE_OPTIONS } = process.env;
  const own = preloadOption();
  if (!NODE_OPTIONS?.startsWith(own)) return;
  const rest = NODE_OPTIONS.slice(own.length).trim();
  if (rest === '') delete process.env.NODE_OPTIONS;
  else process.env.NODE_OPTIONS = rest;
}

module.exports = { localChanges, withPreload, hidePreload };
