'use strict';

// Blocking calls that programs repeat, answered from what this thread has kept of earlier answers. All of it is dropped
// when anything the addon knows of the remote has changed; that is one number in memory shared with it.

const fs = require('node:fs');
const session = require('./session.cjs');
const { route } = require('./route.cjs');
const { isErrno } = require('./errors.cjs');
const { statsOfNumbers, NUMBERS } = require('./stats.cjs');

/** Indexes of the addon's counters. */
const CHANGES = 0;
const ASKED = 1;
/** What the addon says of metadata. */
const FOUND = 1;
const NO_ENTRY = 2;

/** Most that is kept: characters and bytes of contents, and a rough size for each other answer. */
const MOST = 32 * 1024 * 1024;
const ENTRY = 200;

/** @type {Int32Array} */
let counters;
let seen = 0;
let cwd = '';
let size = 0;
/** @type {Map<string, any>[]} */
const all = [];
const numbers = new Float64Array(NUMBERS);

/** @returns {Map<string, any>} Answers of one function, by the path as the caller wrote it. */
function answers() {
  const map = new Map();
  all.push(map);
  return map;
}

/** Drops everything if anything may have changed. To be asked before what is kept is looked at, or added to. */
function refresh() {
  const now = Atomics.load(counters, CHANGES);
  if (now === seen && session.cwd === cwd) return;
  seen = now;
  cwd = session.cwd;
  drop();
}

function drop() {
  for (const map of all) map.clear();
  size = 0;
}

/** @param {Map<string, any>} map @param {string} path @param {any} value @param {number} [more] Its size beyond a small one's. */
function keep(map, path, value, more = 0) {
  if (size > MOST) drop();
  size += ENTRY + path.length + more;
  map.set(path, value);
  return value;
}

/** @template T @param {() => T} run @param {Function} beneath An error's stack begins above this function, so with the public one. @returns {T} */
function shown(run, beneath) {
  try {
    return run();
  } catch (error) {
    if (isErrno(error)) Error.captureStackTrace(/** @type {Error} */ (error), beneath);
    throw error;
  }
}

/** Calls the function itself. @param {Function} slow @param {any[]} args */
function slowly(slow, ...args) {
  return shown(() => slow(...args), slowly);
}

/**
 * Calls the function itself, and keeps the answer if the addon could give it without asking the remote.
 * @param {Map<string, any>} map @param {string} path @param {() => any} run @param {(value: any) => number} [sizeOf]
 */
function through(map, path, run, sizeOf) {
  const asked = Atomics.load(counters, ASKED);
  const value = shown(run, through);
  if (Atomics.load(counters, ASKED) === asked && route(path)?.remote) keep(map, path, value, sizeOf?.(value));
  return value;
}

/** What stands for a missing path among metadata. */
const MISSING = new Float64Array(0);

/** @param {boolean} follow */
function metadataOf(follow) {
  const map = answers();
  return (/** @type {string} */ path) => {
    const kept = map.get(path);
    if (kept !== undefined) return kept;
    const remote = route(path)?.remote;
    if (!remote) return undefined;
    const found = session.addon.knownMetadata(remote, follow, numbers);
    if (found === FOUND) return keep(map, path, numbers.slice());
    return found === NO_ENTRY ? keep(map, path, MISSING) : undefined;
  };
}

/** @param {any} options Of stat. @returns {boolean} Whether they ask for nothing but what is usual. */
function isUsual(options) {
  if (options === undefined) return true;
  if (typeof options !== 'object' || options === null || options.throwIfNoEntry !== false) return false;
  for (const name in options) if (name !== 'throwIfNoEntry') return false;
  return true;
}

/** @param {Function} slow @param {(path: string) => Float64Array | undefined} metadata */
const quickStat = (slow, metadata) => function stat(/** @type {any} */ path, /** @type {any} */ options) {
  if (typeof path !== 'string' || !isUsual(options)) return slowly(slow, ...arguments);
  refresh();
  const known = metadata(path);
  if (known === undefined) return slowly(slow, path, options);
  if (known !== MISSING) return statsOfNumbers(known);
  return options === undefined ? slowly(slow, path) : undefined;
};

/** @param {Function} slow @param {(path: string) => Float64Array | undefined} metadata */
function quickExists(slow, metadata) {
  const map = answers();
  return function existsSync(/** @type {any} */ path) {
    if (typeof path !== 'string') return slowly(slow, ...arguments);
    refresh();
    const kept = map.get(path);
    if (kept !== undefined) return kept;
    const known = metadata(path);
    if (known !== undefined) return keep(map, path, known !== MISSING);
    return through(map, path, () => slow(path));
  };
}

/** @param {Function} slow */
function quickAccess(slow) {
  const maps = Array.from({ length: 8 }, answers);
  return function accessSync(/** @type {any} */ path, /** @type {any} */ mode = 0) {
    const map = typeof path === 'string' && typeof mode === 'number' ? maps[mode] : undefined;
    if (map === undefined) return slowly(slow, ...arguments);
    refresh();
    if (!map.has(path)) through(map, path, () => slow(path, mode));
    return undefined;
  };
}

/** @param {any} options Of readFile. @returns {'text' | 'bytes' | undefined} Undefined for what is not usual. */
function contentKind(options) {
  if (options === undefined) return 'bytes';
  let encoding = options;
  if (typeof options === 'object' && options !== null) {
    for (const name in options) if (name !== 'encoding') return undefined;
    ({ encoding } = options);
  }
  return encoding === 'utf8' || encoding === 'utf-8' ? 'text' : undefined;
}

/** @param {Function} slow */
function quickReadFile(slow) {
  const kinds = { text: answers(), bytes: answers() };
  return function readFileSync(/** @type {any} */ path, /** @type {any} */ options) {
    const kind = typeof path === 'string' ? contentKind(options) : undefined;
    if (kind === undefined) return slowly(slow, ...arguments);
    refresh();
    const kept = kinds[kind].get(path);
    if (kept === undefined) {
      const value = through(kinds[kind], path, () => slow(path, options), ({ length }) => length);
      // What is kept must not be what the caller may write to.
      if (kind === 'bytes' && kinds.bytes.get(path) === value) kinds.bytes.set(path, copyOf(value));
      return value;
    }
    return kind === 'text' ? kept : copyOf(kept);
  };
}

/** @param {Buffer} bytes */
function copyOf(bytes) {
  const copy = Buffer.allocUnsafe(bytes.length);
  bytes.copy(copy);
  return copy;
}

/** @param {Function} slow */
function quickReaddir(slow) {
  const names = answers();
  const dirents = answers();
  const sizeOf = (/** @type {any[]} */ list) => list.length * ENTRY;
  return function readdirSync(/** @type {any} */ path, /** @type {any} */ options) {
    const typed = isTyped(options);
    if (typeof path !== 'string' || !(typed || options === undefined || options === 'utf8')) return slowly(slow, ...arguments);
    refresh();
    const map = typed ? dirents : names;
    const kept = map.get(path) ?? through(map, path, () => slow(path, options), sizeOf);
    return typed ? kept.map(copyOfDirent) : kept.slice();
  };
}

/** @param {any} options Whether they ask for Dirents and nothing else. */
function isTyped(options) {
  if (typeof options !== 'object' || options === null || options.withFileTypes !== true) return false;
  for (const name in options) if (name !== 'withFileTypes') return false;
  return true;
}

/** @param {fs.Dirent} dirent */
const copyOfDirent = (dirent) => Object.assign(Object.create(fs.Dirent.prototype), dirent);

/** @param {Function} slow */
function quickRealpath(slow) {
  const map = answers();
  return function realpathSync(/** @type {any} */ path, /** @type {any} */ options) {
    if (typeof path !== 'string' || options !== undefined) return slowly(slow, ...arguments);
    refresh();
    return map.get(path) ?? through(map, path, () => slow(path));
  };
}

/**
 * Blocking forms that answer from what is kept, by their names; none where this Node cannot share memory with the addon.
 * @param {Record<string, { sync: Function }>} forms The forms they stand before.
 * @returns {Record<string, Function>}
 */
function quickForms(forms) {
  if (!session.facts.cacheMaxBytes) return {};
  counters = session.addon.counters();
  if (Atomics.load(counters, CHANGES) === 0) return {};
  const found = metadataOf(true);
  return {
    existsSync: quickExists(forms.exists.sync, found),
    statSync: quickStat(forms.stat.sync, found),
    lstatSync: quickStat(forms.lstat.sync, metadataOf(false)),
    accessSync: quickAccess(forms.access.sync),
    readFileSync: quickReadFile(forms.readFile.sync),
    readdirSync: quickReaddir(forms.readdir.sync),
    realpathSync: quickRealpath(forms.realpath.sync),
  };
}

module.exports = { quickForms };
