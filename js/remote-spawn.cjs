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
    return 0;
  };
}

/**
 * Takes all that is ours and Node's from a native handle that was never started: Node keeps such a handle for ever,
 * and with it whatever it holds. (A start that fails would make its close free it, but one that fails before the fork
 * corrupts the memory of Node 24 and 26.)
 * @param {object} handle
 */
function empty(handle) {
  for (const name of Reflect.ownKeys(handle)) Reflect.set(handle, name, undefined);
}

/** @param {Handle} handle @param {SpawnOptions} options @param {import('./spawn-request.cjs').StdioEntry[]} stdio */
function start(handle, options, stdio) {
  let referenced = true;
  let kept = false;
  const remote = session.addon.spawn(requestFor(options), endsFor(stdio), (code, signal) => {
    const tell = () => {
      pids.end(pid);
      handle.onexit(code, signal);
      empty(handle);
    };
    // As libuv does, what the process has written is read before its end is told, if anybody reads it: when all of it
    // is in the sockets, the event loop looks at them once more.
    const wait = () => {
      const left = stdio.some(({ handle: end }, number) => end?.reading && remote.left(number) > 0);
      setImmediate(left ? wait : tell);
    };
    setImmediate(wait);
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
  const { mirrors } = session.facts;
  handle.spawn(...changed(args, { file: `${mirrors}/nothing`, cwd: mirrors }));
  // The native one would signal this program's own group.
  handle.kill = () => /** @type {number} */ (errnoNumber('ESRCH'));
  return errno;
}

/** A pipe as it is, and nothing else: a file of the remote is none the native handle could take. @param {any} entry */
const withoutFile = (entry) => (entry.type === 'pipe' || entry.type === 'overlapped' ? entry : { type: 'ignore' });

/**
 * The arguments of a native spawn with another command, and pipes alone: one object up to Node 24, a list from 26 on.
 * @param {any[]} args @param {{ file: string, cwd: string }} by
 */
function changed(args, { file, cwd }) {
  const [options] = args;
  if (typeof options === 'object') return [{ __proto__: null, ...options, file, cwd, stdio: options.stdio.map(withoutFile) }];
  const [, words, , pairs, stdio, ...rest] = args;
  return [file, words, cwd, pairs, stdio.map(withoutFile), ...rest];
}

module.exports = { makeRemote, empty };
