'use strict';

// node:child_process. Every asynchronous function of it, and whoever kept one from before, ends in
// ChildProcess.prototype.spawn, where the side is decided.

const childProcess = require('node:child_process');
const { syncBuiltinESMExports } = require('node:module');
const pids = require('./virtual-pids.cjs');
const workers = require('./workers.cjs');
const { sideOf } = require('./commands.cjs');
const { hidePreload, localChanges } = require('./local-children.cjs');
const { makeRemote } = require('./remote-spawn.cjs');
const spawnSync = require('./spawn-sync.cjs');
const { StandIns } = require('./stand-ins.cjs');
const { settle } = require('./write-ahead.cjs');

/** @typedef {import('./spawn-request.cjs').SpawnOptions} SpawnOptions */

/** Set once per thread, whoever loads the preload a second time. */
const INSTALLED = Symbol.for('pii.child_process');

/** Replaces what starts and signals processes. */
function install() {
  if (INSTALLED in childProcess) return;
  Object.defineProperty(childProcess, INSTALLED, { value: true });
  const prototype = /** @type {any} */ (childProcess.ChildProcess).prototype;
  const original = prototype.spawn;
  spawnSync.install();
  prototype.spawn = /** @this {any} @param {SpawnOptions} options */ function spawn(options) {
    if (spawnSync.capturing()) return spawnSync.capture(this, options);
    // Node refuses in its own words what is no command.
    const isCommand = typeof options?.file === 'string' && (options.args === undefined || Array.isArray(options.args));
    if (!isCommand) return original.call(this, options);
    const ipc = Array.isArray(options.stdio) && options.stdio.includes('ipc');
    const { file, args = [file], cwd, envPairs } = options;
    if (sideOf({ file, args, cwd, envPairs, ipc }) === 'local') return spawnHere(this, original, options, ipc);
    makeRemote(this, options);
    return original.call(this, options);
  };
  pids.install();
  workers.install();
  hidePreload();
  syncBuiltinESMExports();
}

/** Starts a process of the laptop. @param {any} child @param {Function} original @param {SpawnOptions} options @param {boolean} ipc */
function spawnHere(child, original, options, ipc) {
  settle();
  const files = new StandIns(options.stdio);
  try {
    Object.assign(options, localChanges(options, ipc), files.changes);
    return original.call(child, options);
  } finally {
    files.close();
    files.holdEnd(child);
  }
}

module.exports = { install };
