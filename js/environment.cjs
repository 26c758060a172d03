'use strict';

// What of an environment travels to a remote process: what the caller set or changed, on top of the remote user's own.
// What a process finds at its start may be changed already, by the process of the session that started it.

const session = require('./session.cjs');
const { isCredential } = require('./credentials.cjs');
const { decide, isPinned } = require('./route.cjs');
const { clean } = require('./paths.cjs');

/** Names that describe the laptop or its user. They are neither sent nor removed. */
const LAPTOP = new RegExp('^(?:' + [
  'HOME', 'USER', 'LOGNAME', 'SHELL', 'PATH', 'PWD', 'OLDPWD', 'SHLVL', '_', 'MAIL', 'HOSTNAME',
  'TMPDIR', 'TMP', 'TEMP', 'XDG_.*', 'SSH_.*', 'DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'DBUS_.*',
  'LD_.*', 'DYLD_.*', 'NODE_OPTIONS', 'NODE_CHANNEL_.*', 'NODE_V8_COVERAGE', 'LS_COLORS', 'TERM_PROGRAM.*',
  'TMUX.*', 'STY', '__CF.*',
].join('|') + ')$');

/** Names between pii and the processes of a session. */
const OURS = /^PII_/;

/** Names that describe the terminal, which is the laptop's: they are sent wherever they are set. */
const TERMINAL = /^(?:TERM|COLORTERM|NO_COLOR|FORCE_COLOR)$/;

/** What such a name says. Nothing else is sent by it. */
const TERMINAL_VALUE = /^[\w.+-]{0,40}$/;

/** Names of the user's language, time and surroundings at the laptop. The remote's login has its own. */
const SURROUNDINGS = /^(?:LANG|LANGUAGE|LC_.*|TZ|CI)$/;

/**
 * The wire's environment for Node's `NAME=value` pairs.
 * - The user's word counts first: what is never to travel, then what is to be forwarded.
 * - Equal to the start of the session: stays home, unless it describes the terminal and looks like that.
 * - Set or changed for this call: travels, whatever it is called. The caller wants this child to have it.
 * - Set or changed by the program in its own environment: travels, unless it looks like a credential.
 * - Missing: is removed there too.
 * @param {string[]} pairs
 * @returns {import('./addon').SpawnRequest['environment']}
 */
function remoteEnvironment(pairs) {
  const start = session.snapshotEnv;
  const wanted = new Map(pairs.map(split));
  const names = Object.keys(start);
  const kept = names.filter((name) => wanted.has(name)).length;
  // A caller that wanted this process's environment took all of it but a few names.
  const bare = kept * 2 < names.length;
  /** @type {[Buffer, Buffer][]} */
  const set = [];
  for (const [name, value] of wanted) {
    if (travels(name, value, bare)) set.push([Buffer.from(name), Buffer.from(value)]);
  }
  const missing = bare ? [] : names.filter((name) => !wanted.has(name) && !LAPTOP.test(name) && !OURS.test(name));
  return { bare, set, unset: missing.map((name) => Buffer.from(name)), path: searchPath(wanted.get('PATH')) };
}

/** @param {string} name @param {string} value @param {boolean} bare Whether the caller listed every name itself. */
function travels(name, value, bare) {
  const { forwardNames, neverNames } = session.facts;
  if (name === '' || OURS.test(name) || neverNames.some((pattern) => fits(name, pattern))) return false;
  if (forwardNames.includes(name)) return true;
  if (LAPTOP.test(name)) return false;
  const atStart = value === session.snapshotEnv[name];
  const ours = value === process.env[name];
  // A copy made before the program changed its own is not the call's word.
  const copied = atStart || ours || value === session.foundEnv[name];
  if (TERMINAL.test(name)) return TERMINAL_VALUE.test(value);
  if (!copied) return true;
  if (isCredential(name, value)) return false;
  if (forwardNames.some((pattern) => fits(name, pattern))) return true;
  if (atStart && SURROUNDINGS.test(name)) return false;
  return bare || !atStart || !ours;
}

/** Whether a name is written like `pattern`, in which `*` stands for anything. @param {string} name @param {string} pattern */
function fits(name, pattern) {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(name);
}

/**
 * Where the remote looks for commands. A PATH that holds all of the laptop's is that with something around it, and so is the
 * remote's; any other is meant as it is. What is the laptop's in it means nothing there.
 * @param {string | undefined} path @returns {import('./addon').SpawnRequest['environment']['path']}
 */
function searchPath(path) {
  if (path === undefined) return 'Login';
  const entries = path.split(':');
  const own = session.snapshotEnv.PATH?.split(':') ?? [];
  const places = own.map((entry) => entries.indexOf(entry));
  const travelling = (/** @type {string[]} */ some) => some.filter((entry) => !isPlainlyLocal(entry)).map((entry) => Buffer.from(entry));
  if (own.length === 0 || places.includes(-1)) return { Exactly: travelling(entries) };
  const [first, last] = [Math.min(...places), Math.max(...places)];
  const old = new Set(own);
  const [before, after] = [entries.slice(0, first), entries.slice(last + 1)].map((some) => travelling(some.filter((entry) => !old.has(entry))));
  return before.length + after.length === 0 ? 'Login' : { Around: { before, after } };
}

/** Whether an entry of PATH is a directory of the laptop alone. What is relative is looked up where the process is. @param {string} entry */
function isPlainlyLocal(entry) {
  if (!entry.startsWith('/')) return false;
  const { side } = decide(clean(entry));
  // Directories of programs have the same names everywhere.
  return side === 'local' && (isPinned(clean(entry)) || !/^\/(?:usr\/(?:local\/)?)?s?bin\/?$/.test(entry));
}

/** No value can be equal to it. */
const CHANGED = '\0';

/** Names of `pairs` that differ from the start of the session, for a child that joins it. @param {string[]} pairs */
function changedNames(pairs) {
  const start = session.snapshotEnv;
  const wanted = new Map(pairs.map(split));
  const names = [...wanted.keys(), ...Object.keys(start).filter((name) => !wanted.has(name))];
  return names.filter((name) => start[name] !== wanted.get(name) && !LAPTOP.test(name) && !OURS.test(name)).join('=');
}

/** The start of the session as a child knows it from what `changedNames` has told. @param {string | undefined} names */
function startWithout(names) {
  const changed = names ? names.split('=').map((name) => [name, CHANGED]) : [];
  return { ...process.env, ...Object.fromEntries(changed) };
}

/** @param {string} pair @returns {[string, string]} */
function split(pair) {
  const equals = pair.indexOf('=', 1);
  return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
}

module.exports = { remoteEnvironment, changedNames, startWithout };
