'use strict';

// cp, made of the public functions, which find the side of each path by themselves.

const { errno } = require('node:os').constants;
const { posix } = require('node:path');
const { isRemote } = require('./route.cjs');
const { isWithin } = require('./paths.cjs');
const { fs } = require('./originals.cjs');
const { use } = require('./steps.cjs');
const { nodeMajor } = require('./values.cjs');
const { codeError, systemError } = require('./errors.cjs');

/** @typedef {import('./forms.cjs').Row} Row @typedef {import('./steps.cjs').Steps} Steps */

/**
 * @typedef {object} CopyOptions
 * @property {boolean} [dereference] @property {boolean} [errorOnExist] @property {boolean} [force] @property {boolean} [recursive]
 * @property {boolean} [preserveTimestamps] @property {boolean} [verbatimSymlinks] @property {number} [mode]
 * @property {(from: string, to: string) => any} [filter]
 * @property {boolean} [blocking] Whether this is cpSync.
 * @property {boolean} [native] Whether this is what Node does without JavaScript: cpSync without a filter.
 * @property {'sync' | 'job'} [walk] Which of Node's walks in C++ a directory is copied by: that of cpSync, or of Node 26.
 */

/** @param {any} error @returns {boolean} */
const isMissing = (error) => error.code === 'ENOENT';

/** @param {string} path @param {boolean} follow @returns {Generator<any, import('node:fs').Stats | undefined, any>} */
function* statOf(path, follow) {
  try {
    return yield use(follow ? 'stat' : 'lstat', path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Node's refusals. The blocking form's are plain errors, the others' a SystemError of cp.
 * @type {Record<string, { errno: string, prefix: string, plain: (from: string, to: string) => string, told: (from: string, to: string) => string }>}
 */
const REFUSALS = {
  ERR_FS_CP_EINVAL_SAME: {
    errno: 'EINVAL', prefix: 'Invalid src or dest',
    plain: (_from, to) => `src and dest cannot be the same ${to}`, told: () => 'src and dest cannot be the same',
  },
  ERR_FS_CP_EINVAL: {
    errno: 'EINVAL', prefix: 'Invalid src or dest',
    plain: (from, to) => `Cannot copy ${from} to a subdirectory of self ${to}`,
    told: (from, to) => `cannot copy ${from} to a subdirectory of self ${to}`,
  },
  ERR_FS_CP_DIR_TO_NON_DIR: {
    errno: 'EISDIR', prefix: 'Cannot overwrite non-directory with directory',
    plain: (from, to) => `Cannot overwrite non-directory ${to} with directory ${from}`,
    told: (from, to) => `cannot overwrite non-directory ${to} with directory ${from}`,
  },
  ERR_FS_CP_NON_DIR_TO_DIR: {
    errno: 'ENOTDIR', prefix: 'Cannot overwrite directory with non-directory',
    plain: (from, to) => `Cannot overwrite directory ${to} with non-directory ${from}`,
    told: (from, to) => `cannot overwrite directory ${to} with non-directory ${from}`,
  },
  ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY: {
    errno: 'EINVAL', prefix: 'Cannot overwrite symlink in subdirectory of self',
    plain: (from, to) => `cannot overwrite ${to} with ${from}`, told: (from, to) => `cannot overwrite ${to} with ${from}`,
  },
  ERR_FS_CP_SOCKET: {
    errno: 'EINVAL', prefix: 'Cannot copy a socket file',
    plain: (_from, to) => `Cannot copy a socket file: ${to}`, told: (_from, to) => `cannot copy a socket file: ${to}`,
  },
  ERR_FS_CP_FIFO_PIPE: {
    errno: 'EINVAL', prefix: 'Cannot copy a FIFO pipe',
    plain: (_from, to) => `Cannot copy a FIFO pipe: ${to}`, told: (_from, to) => `cannot copy a FIFO pipe: ${to}`,
  },
  ERR_FS_EISDIR: {
    errno: 'EISDIR', prefix: 'Path is a directory',
    plain: (from) => `Recursive option not enabled, cannot copy a directory: ${from.replace(/\/?$/, '/')}`,
    told: (from) => `${from} is a directory (not copied)`,
  },
};

/**
 * @param {string} rule @param {string} from @param {string} to @param {boolean} [blocking] Whether it is a plain error.
 * @param {string} [path] Which one the error shows.
 */
function refusal(rule, from, to, blocking, path = rule === 'ERR_FS_EISDIR' ? from : to) {
  const { errno: name, prefix, plain, told } = REFUSALS[rule];
  const code = rule.replace('_SAME', '');
  if (blocking) return codeError(Error, code, plain(from, to));
  return systemError(code, prefix, { message: told(from, to), path, syscall: 'cp', errno: /** @type {any} */ (errno)[name], code: name });
}

/** @typedef {import('node:fs').Stats} Stats @typedef {{ source: Stats, there: Stats | undefined }} Pair */

/** Both ends, when the one may be copied to the other. @param {string} from @param {string} to @param {CopyOptions} options @returns {Generator<any, Pair, any>} */
function* checked(from, to, options) {
  const source = yield use(options.dereference ? 'stat' : 'lstat', from);
  const there = yield* statOf(to, options.dereference === true);
  const directory = source.isDirectory();
  const { blocking } = options;
  if (there) {
    if (areSame(from, source, to, there)) throw refusal('ERR_FS_CP_EINVAL_SAME', from, to, blocking);
    if (directory && !there.isDirectory()) throw refusal('ERR_FS_CP_DIR_TO_NON_DIR', from, to, blocking);
    if (!directory && there.isDirectory()) throw refusal('ERR_FS_CP_NON_DIR_TO_DIR', from, to, blocking);
  }
  if (directory && isWithin(posix.resolve(to), posix.resolve(from))) throw intoItself(from, to, blocking);
  return { source, there };
}

/** @param {string} from @param {string} to @param {boolean} [blocking] */
const intoItself = (from, to, blocking) => refusal('ERR_FS_CP_EINVAL', blocking ? from.replace(/\/?$/, '/') : from, to, blocking);

/** @param {string} a @param {Stats} first @param {string} b @param {Stats} second */
const areSame = (a, first, b, second) => isRemote(a) === isRemote(b) && first.ino === second.ino && first.dev === second.dev;

/** Refuses a destination that links lead into the source. @param {string} from @param {Stats} source @param {string} to @param {CopyOptions} options @returns {Steps} */
function* checkAbove(from, source, to, options) {
  const stop = posix.resolve(posix.dirname(from));
  for (let above = posix.resolve(posix.dirname(to)); above !== stop && above !== '/'; above = posix.dirname(above)) {
    const stats = yield* statOf(above, true);
    if (!stats) return;
    if (areSame(from, source, above, stats)) throw intoItself(from, to, options.blocking);
  }
}

/** Refuses what is no file, directory or link. @param {string} from @param {Stats} source @param {string} to @param {CopyOptions} options */
function checkKind(from, source, to, { recursive, blocking }) {
  if (source.isDirectory() && !recursive) throw refusal('ERR_FS_EISDIR', from, to, blocking);
  if (source.isSocket()) throw refusal('ERR_FS_CP_SOCKET', from, to, blocking);
  if (source.isFIFO()) throw refusal('ERR_FS_CP_FIFO_PIPE', from, to, blocking);
}

/** @param {string} from @param {string} to @param {CopyOptions} options @returns {Steps} */
function* isWanted(from, to, options) {
  const answer = options.filter ? options.filter(from, to) : true;
  if (typeof answer?.then !== 'function') return answer;
  if (!options.blocking) return yield { promise: answer };
  throw codeError(TypeError, 'ERR_INVALID_RETURN_VALUE', 'Expected boolean to be returned from the "filter" function but got an instance of Promise.');
}

/** @param {string} link A link's text. @param {string} path The link. */
const absolute = (link, path) => (posix.isAbsolute(link) ? link : posix.resolve(posix.dirname(path), link));

/** @param {Stats | undefined} stats */
const isDirectory = (stats) => stats?.isDirectory() === true;

/** Links whose copies Node's walks in C++ end with a slash. */
const SLASHED = { sync: /\/\.{0,2}$/, job: /(^|\/)\.{0,2}$/ };

/** What a link is to say elsewhere. @param {string} link @param {string} from @param {'sync' | 'job' | undefined} walk */
function linkText(link, from, walk) {
  if (walk !== 'sync' && posix.isAbsolute(link)) return link;
  const text = posix.resolve(posix.dirname(from), link);
  return walk && text !== '/' && SLASHED[walk].test(link) ? `${text}/` : text;
}

/** @param {string} from @param {string} to @param {Stats | undefined} there @param {CopyOptions} options @returns {Steps} */
function* copyLink(from, to, there, options) {
  const link = yield use('readlink', from);
  const text = options.verbatimSymlinks ? link : linkText(link, from, options.walk);
  if (there?.isSymbolicLink()) {
    yield* checkLinks(from, text, to, options);
    yield use('unlink', to);
  }
  yield use('symlink', text, to);
}

/**
 * Refuses to replace a link by one of which it leads into, or out of.
 * @param {string} from @param {string} text What the new link is to say. @param {string} to @param {CopyOptions} options @returns {Steps}
 */
function* checkLinks(from, text, to, { native, blocking }) {
  const old = absolute(yield use('readlink', to), to);
  // Node 24 began to ask for a directory.
  const any = !native && nodeMajor < 24;
  if (isWithin(posix.resolve(old), posix.resolve(text)) && (any || isDirectory(yield* statOf(native ? text : from, true)))) {
    throw refusal('ERR_FS_CP_EINVAL', text, old, native, to);
  }
  if (isDirectory(yield use('stat', blocking ? to : from)) && isWithin(posix.resolve(text), posix.resolve(old))) {
    throw refusal('ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY', text, old, native, to);
  }
}

/** @param {string} to */
const existing = (to) => systemError('ERR_FS_CP_EEXIST', 'Target already exists',
  { message: `${to} already exists`, path: to, syscall: 'cp', errno: errno.EEXIST, code: 'EEXIST' });

/** @param {string} from @param {string} to @param {Pair} pair @param {CopyOptions} options @returns {Steps} */
function* copyPlain(from, to, { there }, options) {
  if (there && !options.force) {
    if (!options.errorOnExist) return;
    throw existing(to);
  }
  if (there) yield use('unlink', to);
  yield use('copyFile', from, to, options.mode ?? 0);
  if (options.preserveTimestamps) yield* copyTimes(from, to);
}

/** Reading has changed the time of the last access. @param {string} from @param {string} to @returns {Steps} */
function* copyTimes(from, to) {
  const { atime, mtime } = yield use('stat', from);
  yield use('utimes', to, atime, mtime);
}

/** What Node 26 began with: a directory's times are kept too, and blocking calls mind `errorOnExist` for directories. */
const minds = nodeMajor >= 26;

/** @param {Stats | undefined} there @param {CopyOptions} options */
function walkOf(there, { walk, native, filter, dereference }) {
  if (walk || native) return walk ?? 'sync';
  return minds && !there && !filter && !dereference ? 'job' : undefined;
}

/** @param {string} from @param {string} to @param {Pair} pair @param {CopyOptions} options @returns {Steps} */
function* copyEntry(from, to, pair, options) {
  const { source, there } = pair;
  checkKind(from, source, to, options);
  if (source.isSymbolicLink()) return void (yield* copyLink(from, to, there, options));
  if (!source.isDirectory()) return void (yield* copyPlain(from, to, pair, options));
  if (there && options.errorOnExist && !options.force && (minds || !options.blocking)) throw existing(to);
  if (!there) yield use('mkdir', to);
  const inside = { ...options, walk: walkOf(there, options) };
  // In the disk's order, since that says what was copied before a failure.
  const directory = yield use('opendir', from);
  try {
    for (let entry = directory.readSync(); entry; entry = directory.readSync()) {
      const [inner, target] = [posix.join(from, entry.name), posix.join(to, entry.name)];
      if (yield* isWanted(inner, target, inside)) yield* copyEntry(inner, target, yield* checked(inner, target, inside), inside);
    }
  } finally {
    directory.closeSync();
  }
  if (options.preserveTimestamps && minds) yield* copyTimes(from, to);
  // Node's own copy in C++ began to keep it in Node 26.
  if (!there && (minds || !options.native)) yield use('chmod', to, source.mode & 0o7777);
  return undefined;
}

/** @type {Row} */
const cp = {
  paths: [0, 1],
  // The program's filter must not hear of paths that lead nowhere.
  judge: ([from, to, options]) => [fs.cpSync, [from, to, typeof options?.filter === 'function' ? { ...options, filter: () => false } : options]],
  settle: (callback, error) => (error ? callback(error) : callback(null, undefined)),
  * run([source, destination], [, , options], form) {
    const from = /** @type {string} */ (source.text);
    const to = /** @type {string} */ (destination.text);
    const blocking = form === 'sync';
    const chosen = { force: true, ...options, blocking, native: blocking && !options?.filter };
    if (!(yield* isWanted(from, to, chosen))) return;
    const pair = yield* checked(from, to, chosen);
    yield* checkAbove(from, pair.source, to, chosen);
    if (blocking) checkKind(from, pair.source, to, chosen);
    const above = posix.dirname(to);
    if (!(yield* statOf(above, true))) yield use('mkdir', above, { recursive: true });
    yield* copyEntry(from, to, pair, chosen);
  },
};

module.exports = { cp };
