'use strict';

// Workers get the preload too. One with options of its own does not inherit it: execArgv replaces the command
// line's --require, env replaces that of NODE_OPTIONS.

const threads = require('node:worker_threads');
const session = require('./session.cjs');
const { withPreload } = require('./local-children.cjs');

/** @param {import('node:worker_threads').WorkerOptions | undefined} options */
function bridged(options) {
  if (Array.isArray(options?.execArgv)) {
    return { ...options, execArgv: ['--require', session.facts.preload, ...options.execArgv] };
  }
  if (typeof options?.env === 'object' && options.env !== null) {
    return { ...options, env: { ...options.env, NODE_OPTIONS: withPreload(options.env.NODE_OPTIONS) } };
  }
  return options;
}

/** Replaces worker_threads.Worker by a proxy of it, which can be subclassed and keeps instanceof true. */
function install() {
  const { Worker } = threads;
  /** @type {typeof Worker} */
  const proxy = new Proxy(Worker, {
    /** @returns {object} */
    construct(target, [filename, options, ...rest], newTarget) {
      return Reflect.construct(target, [filename, bridged(options), ...rest], newTarget === proxy ? target : newTarget);
    },
  });
  Worker.prototype.constructor = proxy;
  threads.Worker = proxy;
}

module.exports = { install, bridged };
