'use strict';

// Process ids of remote processes, and process.kill on them.
//
// They begin above every system's process ids, so that a kill that does not pass here (a shell's) finds no process
// instead of a wrong one. A number is never given twice.

const { constants } = require('node:os');
const session = require('./session.cjs');
const { dressed } = require('./forms.cjs');
const { processError } = require('./process-errors.cjs');

const FIRST = 0x40000001;

/**
 * @typedef {object} Entry
 * @property {import('./addon').RemoteProcess} remote
 * @property {boolean} group Whether it leads a group of its own in the program's eyes (`detached`).
 * @property {boolean} ended
 */

/** @type {Map<number, Entry>} Every process that runs, or may have left others in its group. */
const entries = new Map();

/** First name of each signal number, and `0`. @type {Map<number, string>} */
const names = new Map([[0, '0']]);
for (const [name, number] of Object.entries(constants.signals)) {
  if (!names.has(number)) names.set(number, name);
}

/** Signals that are to end what they reach. They reach all that a process has started, too. */
const ENDING = new Set(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGKILL', 'SIGABRT']);

/** Gives a remote process its number here. @param {import('./addon').RemoteProcess} remote @param {boolean} detached */
function enter(remote, detached) {
  const pid = nextPid();
  entries.set(pid, { remote, group: detached, ended: false });
  return pid;
}

/** A number for a process, unused so far. */
function nextPid() {
  return FIRST + session.addon.newNumber();
}

/** Notes the end of a process. Its group can still be signalled if it was detached. @param {number} pid */
function end(pid) {
  const entry = entries.get(pid);
  if (entry?.group) entry.ended = true;
  else entries.delete(pid);
}

/**
 * Sends a signal by its number. Returns undefined, or the errno's name.
 * @param {number} pid Negative for the group. @param {number} signal
 * @returns {string | undefined}
 */
function signalTo(pid, signal) {
  const entry = entries.get(Math.abs(pid));
  if (entry === undefined || (pid < 0 ? !entry.group : entry.ended)) return 'ESRCH';
  const name = names.get(signal);
  if (name === undefined) return 'EINVAL';
  const code = entry.remote.kill(name, pid < 0 || ENDING.has(name)) ?? undefined;
  if (code !== 'ESRCH') return code;
  // As the kernel does, a process takes signals until its end is told.
  if (!entry.ended) return undefined;
  entries.delete(Math.abs(pid));
  return code;
}

/**
 * process.kill, for processes on either side. What Node refuses or does not know stays Node's to answer.
 * @param {typeof process.kill} original
 * @returns {typeof process.kill}
 */
function killFor(original) {
  return function kill(pid, signal) {
    const number = signalNumber(signal);
    if (number === undefined || !entries.has(Math.abs(Number(pid)))) return original(pid, signal);
    const code = signalTo(Number(pid), number);
    if (code !== undefined) throw processError(code, 'kill');
    return true;
  };
}

/** The number Node takes a signal argument for; undefined where it refuses it. @param {string | number | undefined} signal */
function signalNumber(signal) {
  if (typeof signal === 'number' && signal === (signal | 0)) return signal;
  return /** @type {Record<string, number | undefined>} */ (constants.signals)[signal || 'SIGTERM'];
}

/** The name of a signal that Node has found valid, given by name or number. @param {string | number | undefined} signal */
function signalName(signal) {
  return typeof signal === 'number' ? names.get(signal) : signal?.toUpperCase();
}

/** Replaces process.kill. */
function install() {
  process.kill = /** @type {typeof process.kill} */ (dressed(killFor(process.kill), process.kill));
}

module.exports = { install, enter, nextPid, end, signalTo, signalName, killFor };
