'use strict';

// copyFile and cp, within the remote and across the border. Across it they are made of the public functions, which
// find the side of each path by themselves.

const { constants } = require('node:fs');
const { posix } = require('node:path');
const { wire, use, failure } = require('./steps.cjs');
const { codeError, systemError } = require('./errors.cjs');
const { errno } = require('node:os').constants;
const { CHUNK } = require('./fs-descriptors.cjs');

/** @typedef {import('./steps.cjs').Target} Target @typedef {import('./forms.cjs').Row} Row @typedef {import('./steps.cjs').Steps} Steps */

/** @param {Target} from @param {Target} to @param {boolean} exclusive @returns {Steps} */
function* stream(from, to, exclusive) {
  const pair = [from, to];
  const asCopy = (/** @type {any} */ error) => (error.code && error.syscall ? failure(error.code, 'copyfile', pair) : error);
  /** @type {number[]} */
  const open = [];
  try {
    const source = yield use('open', from.given, 'r');
    open.push(source);
    const stats = yield use('fstat', source);
    const sink = yield use('open', to.given, exclusive ? 'wx' : 'w', stats.mode & 0o7777);
    open.push(sink);
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      const got = yield use('read', source, buffer, 0, buffer.length, null);
      if (got === 0) break;
      for (let done = 0; done < got;) done += yield use('write', sink, buffer, done, got - done, null);
    }
    yield use('fchmod', sink, stats.mode & 0o7777);
  } catch (error) {
    throw asCopy(error);
  } finally {
    for (const descriptor of open) yield use('close', descriptor);
  }
}

/** @type {Row} */
const copyFile = {
  paths: [0, 1],
  * run([from, to], [, , mode]) {
    if ([from, to].some((target) => target.missing)) throw failure('ENOENT', 'copyfile', [from, to]);
    const exclusive = ((mode ?? 0) & constants.COPYFILE_EXCL) !== 0;
    if (from.local || to.local) yield* stream(from, to, exclusive);
    else yield wire({ CopyFile: { from: from.remote, to: to.remote, exclusive } }, 'copyfile', from, to);
  },
};

/**
 * @typedef {object} CopyOptions
 * @property {boolean} [dereference] @property {boolean} [errorOnExist] @property {boolean} [force] @property {boolean} [recursive]
 * @property {boolean} [preserveTimestamps] @property {boolean} [verbatimSymlinks] @property {number} [mode]
 * @property {(from: string, to: string) => any} [filter]
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

/** Node's refusals, each a SystemError of cp. @param {string} code @param {string} name @param {string} prefix @param {string} message @param {string} path */
function refusal(code, name, prefix, message, path) {
  return systemError(code, prefix, { message, path, syscall: 'cp', errno: /** @type {any} */ (errno)[name], code: name });
}

/** @param {string} from @param {string} to @param {CopyOptions} options @returns {Steps} */
function* copyLink(from, to, options) {
  let text = (yield use('readlink', from)).toString();
  if (!options.verbatimSymlinks && !posix.isAbsolute(text)) text = posix.resolve(posix.dirname(from), text);
  const there = yield* statOf(to, false);
  if (there) yield use('unlink', to);
  yield use('symlink', text, to);
}

/** @param {string} from @param {string} to @param {import('node:fs').Stats} stats @param {CopyOptions} options @returns {Steps} */
function* copyPlain(from, to, stats, options) {
  const there = yield* statOf(to, false);
  if (there && options.force === false) {
    if (options.errorOnExist) throw refusal('ERR_FS_CP_EEXIST', 'EEXIST', 'Target already exists', `${to} already exists`, to);
    return;
  }
  if (there) yield use('unlink', to);
  yield use('copyFile', from, to, options.mode ?? 0);
  if (options.preserveTimestamps) yield use('utimes', to, stats.atime, stats.mtime);
}

/** @param {string} from @param {string} to @param {CopyOptions} options @returns {Steps} */
function* copyTree(from, to, options) {
  if (options.filter) {
    const wanted = yield* awaited(options.filter(from, to));
    if (!wanted) return;
  }
  const stats = yield use(options.dereference ? 'stat' : 'lstat', from);
  if (stats.isSymbolicLink()) return void (yield* copyLink(from, to, options));
  if (!stats.isDirectory()) return void (yield* copyPlain(from, to, stats, options));
  const there = yield* statOf(to, true);
  if (there && !there.isDirectory()) {
    throw refusal('ERR_FS_CP_DIR_TO_NON_DIR', 'EISDIR', 'Cannot overwrite non-directory with directory',
      `cannot overwrite non-directory ${to} with directory ${from}`, to);
  }
  if (!there) yield use('mkdir', to);
  for (const name of yield use('readdir', from)) yield* copyTree(posix.join(from, name), posix.join(to, name), options);
  if (!there) yield use('chmod', to, stats.mode & 0o7777);
}

/** A filter may answer with a promise in the forms that can wait. @param {any} value @returns {Steps} */
function* awaited(value) {
  return typeof value?.then === 'function' ? yield { promise: value } : value;
}

/** @type {Row} */
const cp = {
  paths: [0, 1],
  * run([source, destination], [, , options = {}], form) {
    const from = /** @type {string} */ (source.text);
    const to = /** @type {string} */ (destination.text);
    const stats = yield use(options.dereference ? 'stat' : 'lstat', from);
    if (stats.isDirectory() && !options.recursive) {
      if (form === 'sync') throw codeError(Error, 'ERR_FS_EISDIR', `Recursive option not enabled, cannot copy a directory: ${from}`);
      throw refusal('ERR_FS_EISDIR', 'EISDIR', 'Path is a directory', `${from} is a directory (not copied)`, from);
    }
    if (`${posix.resolve(to)}/`.startsWith(`${posix.resolve(from)}/`) && stats.isDirectory()) {
      throw refusal('ERR_FS_CP_EINVAL', 'EINVAL', 'Invalid src or dest', `cannot copy ${from} to a subdirectory of self ${to}`, to);
    }
    const above = posix.dirname(posix.resolve(to));
    if (!(yield* statOf(above, true))) yield use('mkdir', above, { recursive: true });
    yield* copyTree(from, to, options);
  },
};

module.exports = { copyFile, cp };
