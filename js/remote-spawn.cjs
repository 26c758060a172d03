'use strict';

// Makes one ChildProcess stand for a remote process: its handle's methods are replaced on that one object, and
// everything above the handle (streams, exec, timeouts, signals, events) stays Node's own.

const session = require('./session.cjs');
const pids = require('./virtual-pids.cjs');
const { errnoNumber } = require('./errors.cjs');
const { errnoOf } = require('./process-errors.cjs');
const { requestFor, endsFor } = require('./spawn-request.cjs');

/**
 * The native Process of node:child_process, as far as it is used here.
 * @typedef {object} Handle
 * @property {number} [pid]
 * @property {(code: number, signal: string) => void} onexit
 * @property {(...args: any[]) => number} spawn
 * @property {(signal: number) => number} kill
 * @property {() => void} ref
 * @property {() => void} unref
 * @property {() => boolean} hasRef
 */

/** @typedef {import('./spawn-request.cjs').SpawnOptions} SpawnOptions */

/**
 * Prepares a ChildProcess whose spawn(options) is about to be called.
 * @param {{ _handle: Handle }} child @param {SpawnOptions} options Node replaces its stdio by the internal form.
 */
function makeRemote(child, options) {
  const handle = child._handle;
  const native = handle.spawn;
  handle.spawn = (...args) => {
    const stdio = /** @type {import('./spawn-request.cjs').StdioEntry[]} */ (options.stdio);
    try {
      start(handle, options, stdio);
    } catch (error) {
      handle.spawn = native;
      return fail(handle, args, errnoOf(error));
    }
    // A start the native handle refuses before it forks: from then on its close frees it, which it does not before.
    native.apply(handle, changed(args, { stdio: [{ type: 'fd', fd: -1 }] }));
    return 0;
  };
}

/** @param {Handle} handle @param {SpawnOptions} options @param {import('./spawn-request.cjs').StdioEntry[]} stdio */
function start(handle, options, stdio) {
  let referenced = true;
  let kept = false;
  const remote = session.addon.spawn(requestFor(options), endsFor(stdio), (code, signal) => {
    // As libuv does, what the process has written is read before its end is told.
    setImmediate(() => {
      pids.end(pid);
      handle.onexit(code, signal);
    });
  });
  const pid = pids.enter(remote, Boolean(options.detached));
  remote.ends.forEach((fd, index) => {
    if (fd >= 0) stdio[index].handle.open(fd);
  });
  handle.pid = pid;
  handle.kill = (signal) => {
    const code = pids.signalTo(pid, signal);
    return code === undefined ? 0 : errnoNumber(code) ?? /** @type {number} */ (errnoNumber('EIO'));
  };
  handle.hasRef = () => referenced;
  handle.ref = () => {
    referenced = true;
    remote.ref();
  };
  handle.unref = () => {
    referenced = false;
    remote.unref();
    if (options.detached && !kept) {
      kept = true;
      remote.keep();
    }
  };
}

/**
 * A failed start. The native handle tries a file that is not there, so that the streams end as Node's do after a
 * failure, and then the real errno is answered.
 * @param {Handle} handle @param {any[]} args @param {number} errno
 */
function fail(handle, args, errno) {
  const { realCwd } = session.facts;
  const [options] = args;
  const stdio = (Array.isArray(options?.stdio) ? options.stdio : args[4]).map(withoutFile);
  handle.spawn(...changed(args, { file: `${realCwd}/nothing`, cwd: realCwd, stdio }));
  // The native one would signal this program's own group.
  handle.kill = () => /** @type {number} */ (errnoNumber('ESRCH'));
  return errno;
}

/** A pipe as it is, and nothing else: a file of the remote is none the native handle could take. @param {any} entry */
const withoutFile = (entry) => (entry.type === 'pipe' || entry.type === 'overlapped' ? entry : { type: 'ignore' });

/**
 * The arguments of a native spawn with others in their places: one object up to Node 24, a list from 26 on.
 * @param {any[]} args @param {{ file?: string, cwd?: string, stdio?: object[] }} by
 */
function changed(args, { file, cwd, stdio }) {
  const given = { ...(file && { file }), ...(cwd && { cwd }), ...(stdio && { stdio }) };
  if (typeof args[0] === 'object') return [{ __proto__: null, ...args[0], ...given }];
  const [oldFile, words, oldCwd, pairs, oldStdio, ...rest] = args;
  return [file ?? oldFile, words, cwd ?? oldCwd, pairs, stdio ?? oldStdio, ...rest];
}

module.exports = { makeRemote };
