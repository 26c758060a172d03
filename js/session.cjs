'use strict';

// What every room of this folder shares: one object, filled once by preload.cjs.

/**
 * What `pii` tells each process, see wire-protocol/src/session.rs.
 * @typedef {object} Facts
 * @property {string} version
 * @property {string} program
 * @property {string} host
 * @property {string} root
 * @property {string[]} moreRoots
 * @property {'deny' | 'read' | 'local'} outside
 * @property {string} remoteHome
 * @property {string} laptopHome
 * @property {string} laptopCwd
 * @property {number} umask
 * @property {string} mirrors
 * @property {string} temp
 * @property {string} sessionTemp
 * @property {{ path: string, from: string, depth: number }[]} carried
 * @property {[string, string][]} environment
 * @property {string} agentDirectory
 * @property {'none' | 'commands' | 'all'} decisions
 * @property {string[]} pins
 * @property {{ from: string, to: string }[]} redirects
 * @property {string[]} localCommands
 * @property {string[]} remoteCommands
 * @property {string[]} forwardNames
 * @property {string[]} neverNames
 * @property {number} cacheMaxBytes
 * @property {string} preload
 */

/**
 * @typedef {object} Session
 * @property {Facts} facts
 * @property {typeof import('./addon')} addon
 * @property {string} socket Path of pii's local socket.
 * @property {string} cwd The working directory the program sees: remote or local.
 * @property {number | undefined} umask The umask the program has set, if it has.
 * @property {number} blockings How often a call has blocked the thread: what was read before may be old after it.
 * @property {NodeJS.ProcessEnv} snapshotEnv The environment at the start of the session; what differed in this process from its start has a value no other can have.
 * @property {NodeJS.ProcessEnv} foundEnv process.env as this process found it, without our variables.
 */

/** @type {Session} */
const session = {
  facts: /** @type {any} */ (undefined),
  addon: /** @type {any} */ (undefined),
  socket: '',
  cwd: '/',
  umask: undefined,
  blockings: 0,
  snapshotEnv: {},
  foundEnv: {},
};

module.exports = session;
