'use strict';

// What of an environment travels to a remote process: what the caller set or changed, on top of the remote user's own.
// What a process finds at its start may be changed already, by the process of the session that started it.

const session = require('./session.cjs');
const { isCredential } = require('./credentials.cjs');
const { route } = require('./route.cjs');

/** Names that describe the laptop or its user. They are neither sent nor removed. */
const LAPTOP = new RegExp('^(?:' + [
  'HOME', 'USER', 'LOGNAME', 'SHELL', 'PATH', 'PWD', 'OLDPWD', 'SHLVL', '_', 'MAIL', 'HOSTNAME',
  'TMPDIR', 'TMP', 'TEMP', 'XDG_.*', 'SSH_.*', 'DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'DBUS_.*',
  'LD_.*', 'DYLD_.*', 'NODE_OPTIONS', 'NODE_CHANNEL_.*', 'NODE_V8_COVERAGE', 'LS_COLORS', 'TERM_PROGRAM.*',
  'TMUX.*', 'STY', '__CF.*',
].join('|') + ')$');

/** Names between pii and the processes of a session. */
const OURS = /^PII_/;

/** Names that describe the terminal and the user's language. They are sent wherever they are set. */
const TERMINAL = /^(?:TERM|COLORTERM|LANG|LC_.*|TZ|NO_COLOR|FORCE_COLOR|CI)$/;

/**
 * The wire's environment for Node's `NAME=value` pairs.
 * - The user's word counts first: what is never to travel, then what is to be forwarded.
 * - Equal to the start of the session: stays home, unless it describes the terminal.
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
  return { bare, set, unset: missing.map((name) => Buffer.from(name)), path: remotePath(wanted.get('PATH')) };
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
  if (!TERMINAL.test(name) && !copied) return true;
  if (isCredential(name, value)) return false;
  if (TERMINAL.test(name) || forwardNames.some((pattern) => fits(name, pattern))) return true;
  return bare || !atStart || !ours;
}

/** Whether a name is written like `pattern`, in which `*` stands for anything. @param {string} name @param {string} pattern */
function fits(name, pattern) {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(name);
}

/** The entries the caller added to PATH that lie in a root: the only ones that mean something there. @param {string | undefined} path */
function remotePath(path = '') {
  const old = new Set(session.snapshotEnv.PATH?.split(':'));
  const added = path.split(':').filter((entry) => entry.startsWith('/') && !old.has(entry));
  return added.flatMap((entry) => route(entry)?.remote ?? []);
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
