'use strict';

// What Node knows of a process to start, as the addon takes it.

const session = require('./session.cjs');
const { remoteCwd, remoteFile } = require('./commands.cjs');
const { remoteEnvironment } = require('./environment.cjs');

/**
 * What Node hands to ChildProcess.prototype.spawn, normalised.
 * @typedef {object} SpawnOptions
 * @property {string} file
 * @property {string[]} [args]
 * @property {string | null} [cwd]
 * @property {string[]} [envPairs]
 * @property {unknown} [stdio]
 * @property {boolean} [detached]
 * @property {number} [uid]
 * @property {number} [gid]
 * @property {Record<string, unknown>} [env]
 */

/**
 * One entry of stdio in Node's internal form.
 * @typedef {object} StdioEntry
 * @property {string} type `pipe`, `overlapped`, `ignore`, `inherit`, `fd` or `wrap`.
 * @property {number} [fd]
 * @property {any} [handle]
 */

/** Descriptors of remote files begin here; no local one is that high. */
const FIRST_REMOTE_DESCRIPTOR = 0x50000000;

/** @param {SpawnOptions} options @returns {import('./addon').SpawnRequest} */
function requestFor(options) {
  const { file, args = [file], cwd, detached = false, uid, gid } = options;
  const pairs = options.envPairs ?? Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  // The addon reads what is left out, too, and nothing of it may come from a tampered Object.prototype.
  return Object.assign(Object.create(null), {
    file: remoteFile(file),
    args: args.map((word) => Buffer.from(String(word))),
    cwd: remoteCwd({ file, args, cwd }),
    environment: remoteEnvironment(pairs),
    detached: Boolean(detached),
    ...(uid != null && { uid }),
    ...(gid != null && { gid }),
    ...(session.umask !== undefined && { umask: session.umask }),
  });
}

/**
 * Descriptors 0 to 2 for the addon. A remote process has no others, and cannot yet have an open remote file as one.
 * @param {StdioEntry[]} stdio
 * @returns {import('./addon').End[]}
 */
function endsFor(stdio) {
  if (stdio.slice(3).some((entry) => entry.type !== 'ignore')) throw unsupported();
  return stdio.slice(0, 3).map((entry) => {
    if (entry.type === 'ignore') return 'null';
    if (entry.type === 'pipe' || entry.type === 'overlapped') return 'pipe';
    const fd = entry.type === 'wrap' ? entry.handle.fd : entry.fd;
    if (!(fd >= 0) || fd >= FIRST_REMOTE_DESCRIPTOR) throw unsupported();
    return fd;
  });
}

function unsupported() {
  return Object.assign(new Error('a remote process cannot have this descriptor'), { code: 'ENOTSUP' });
}

module.exports = { requestFor, endsFor };
