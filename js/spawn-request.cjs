'use strict';

// What Node knows of a process to start, as the addon takes it.

const session = require('./session.cjs');
const { remoteCwd, remoteFile } = require('./commands.cjs');
const { remoteEnvironment } = require('./environment.cjs');
const { wireDescriptor } = require('./forms.cjs');
const { lend } = require('./lent.cjs');
const { withCarried } = require('./carry.cjs');

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

/** @param {SpawnOptions} options @returns {import('./addon').SpawnRequest} */
function requestFor(options) {
  const { file, args = [file], cwd, detached = false, uid, gid } = options;
  const pairs = options.envPairs ?? Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  // The addon reads what is left out, too, and nothing of it may come from a tampered Object.prototype.
  return Object.assign(Object.create(null), {
    file: remoteFile(withCarried([file])[0]),
    args: withCarried(args.map(String)).map((word) => Buffer.from(word)),
    cwd: remoteCwd({ file, args, cwd }),
    environment: remoteEnvironment(pairs),
    detached: Boolean(detached),
    ...(uid != null && { uid }),
    ...(gid != null && { gid }),
    umask: session.umask ?? session.facts.umask,
  });
}

/**
 * A process's descriptors for the addon.
 * @param {StdioEntry[]} stdio
 * @returns {import('./addon').End[]}
 */
function endsFor(stdio) {
  return stdio.map((entry) => {
    if (entry.type === 'ignore') return 'null';
    if (entry.type === 'pipe' || entry.type === 'overlapped') return 'pipe';
    const fd = entry.type === 'wrap' ? entry.handle.fd : entry.fd;
    const file = wireDescriptor(fd);
    lend(fd);
    return file === undefined ? fd ?? -1 : { file };
  });
}

module.exports = { requestFor, endsFor };
