'use strict';

// glob: Node's own, which walks with the public lstat and readdir and so finds the remote by itself. It begins a
// pattern that is absolute at `/`, though, and climbs with `..`, where the laptop's disk shows no way to the root; such a
// pattern is given to it from its first directory on.

const { posix } = require('node:path');
const { fileURLToPath } = require('node:url');
const { isRemote } = require('./route.cjs');

/** Where a pattern stops being a plain path. */
const MAGIC = /[*?[\]{}()!+@|\\]/;

/** @typedef {{ base: string, pattern: string }} Based */

/** The directory that options name. @param {any} options */
const cwdOf = (options) => (options?.cwd instanceof URL ? fileURLToPath(options.cwd) : options?.cwd ?? '');

/** @param {unknown} pattern @param {any} options @returns {Based | undefined} Undefined for what Node can do as it is. */
function based(pattern, options) {
  if (typeof pattern !== 'string' || !/^(?:\/|\.\.\/)/.test(pattern)) return undefined;
  const parts = pattern.split('/');
  const magic = parts.findIndex((part) => MAGIC.test(part));
  const cut = magic === -1 ? parts.length - 1 : magic;
  const base = parts.slice(0, cut).join('/');
  const whole = typeof cwdOf(options) === 'string' ? posix.resolve(cwdOf(options), base) : base;
  return base !== '' && isRemote(whole) ? { base, pattern: parts.slice(cut).join('/') } : undefined;
}

/** What excludes paths is meant from the caller's directory on. @param {any} options */
function unbased(options) {
  if (!Array.isArray(options?.exclude)) return options;
  const from = cwdOf(options);
  return { ...options, exclude: options.exclude.map((/** @type {any} */ one) => (typeof one === 'string' ? posix.resolve(from, one) : one)) };
}

/** The calls that one call of glob becomes. @param {any} pattern @param {any} options */
function split(pattern, options) {
  const patterns = Array.isArray(pattern) ? pattern : [pattern];
  const absolute = patterns.map((one) => based(one, options));
  const rest = patterns.filter((_, at) => absolute[at] === undefined);
  const calls = absolute.filter((one) => one !== undefined).map(({ base, pattern: inner }) => ({
    pattern: inner,
    options: { ...unbased(options), cwd: posix.resolve(cwdOf(options), base) },
    whole: (/** @type {any} */ found) => (typeof found === 'string' ? posix.join(base, found) : found),
  }));
  if (rest.length > 0 || calls.length === 0) {
    calls.unshift({ pattern: Array.isArray(pattern) ? rest : pattern, options, whole: (found) => found });
  }
  return calls;
}

/** @param {any} original */
function globSync(original) {
  return function replacement(/** @type {any} */ pattern, /** @type {any} */ options) {
    return split(pattern, options).flatMap((call) => original(call.pattern, call.options).map(call.whole));
  };
}

/** @param {any} original */
function globPromise(original) {
  return function replacement(/** @type {any} */ pattern, /** @type {any} */ options) {
    const calls = split(pattern, options);
    if (calls.length === 1 && calls[0].options === options) return original(pattern, options);
    return (async function* found() {
      for (const call of calls) for await (const one of original(call.pattern, call.options)) yield call.whole(one);
    })();
  };
}

/** @param {any} original */
function glob(original) {
  return function replacement(/** @type {any} */ pattern, /** @type {any} */ options, /** @type {any} */ callback) {
    if (typeof options === 'function') return replacement(pattern, undefined, options);
    const calls = split(pattern, options);
    if (calls.length === 1 && calls[0].options === options) return original(pattern, options, callback);
    const each = calls.map((call) => new Promise((resolve, reject) => {
      original(call.pattern, call.options, (/** @type {unknown} */ error, /** @type {any[]} */ found) => {
        if (error) reject(error);
        else resolve(found.map(call.whole));
      });
    }));
    Promise.all(each).then((found) => process.nextTick(callback, null, found.flat()), (error) => process.nextTick(callback, error));
    return undefined;
  };
}

module.exports = { glob, globSync, globPromise };
