'use strict';

// process.cwd, process.chdir and process.umask: the program's working directory may be remote, while the real
// one is an empty directory of pii's.

const { isMainThread, setEnvironmentData } = require('node:worker_threads');
const { posix } = require('node:path');
const { route } = require('./route.cjs');
const { plainPath, clean } = require('./paths.cjs');
const { nodeError, isErrno } = require('./errors.cjs');
const { dressed } = require('./forms.cjs');

/** Under this key a worker finds what its parent thread knows. */
const WORKER_DATA = 'pii';

/** @param {import('./session.cjs').Session} session */
function tellWorkers(session) {
  const { socket, cwd, snapshotEnv } = session;
  setEnvironmentData(WORKER_DATA, { socket, cwd, snapshotEnv: { ...snapshotEnv } });
}

/** The physical path of a remote directory, as getcwd would tell it. @param {import('./session.cjs').Session} session @param {Buffer} remote */
function enter(session, remote) {
  const path = /** @type {Buffer} */ (session.addon.callFiles({ RealPath: { path: remote } }));
  const metadata = /** @type {BigInt64Array} */ (session.addon.callFiles({ Stat: { path, follow: true } }));
  if ((Number(metadata[1]) & 0o170000) !== 0o040000) throw nodeError('ENOTDIR');
  session.addon.callFiles({ Access: { path, mode: 1 } });
  return path.toString();
}

/** @param {import('./session.cjs').Session} session */
function install(session) {
  const { cwd, chdir, umask } = process;

  process.cwd = /** @type {any} */ (dressed(() => session.cwd, cwd));

  /** @param {string} given */
  function change(given) {
    // Node hands it to the C library, which reads it up to a NUL.
    const directory = typeof given === 'string' ? given.split('\0', 1)[0] : given;
    const routed = typeof directory === 'string' ? route(directory) : undefined;
    try {
      if (routed?.fault !== undefined) throw nodeError(routed.fault);
      if (routed?.remote) session.cwd = enter(session, routed.remote);
      else chdir(/** @type {string} */ (routed?.local ?? directory));
    } catch (error) {
      if (!isErrno(error)) throw error;
      throw nodeError(/** @type {any} */ (error).code, 'chdir', session.cwd, directory);
    }
    if (!routed?.remote) {
      // A redirected directory keeps the name the program knows it by.
      session.cwd = routed ? clean(posix.resolve(session.cwd, String(plainPath(directory)))) : cwd();
    }
    tellWorkers(session);
  }
  // A worker has Node's own, which refuses.
  if (isMainThread) process.chdir = /** @type {any} */ (dressed(change, chdir));

  /** @param {(string | number)[]} args */
  function mask(...args) {
    const before = session.umask ?? session.facts.umask;
    if (args.length === 0 || args[0] === undefined) return before;
    umask(args[0]);
    session.umask = typeof args[0] === 'string' ? Number.parseInt(args[0], 8) : args[0] & 0o777;
    return before;
  }
  process.umask = /** @type {any} */ (dressed(mask, umask));
}

module.exports = { install, tellWorkers, WORKER_DATA };
