'use strict';

// rm and rmdir.

const { constants } = require('node:os');
const { wire, failure } = require('./steps.cjs');
const { systemError } = require('./errors.cjs');
const { nodeMajor } = require('./values.cjs');
const { fs } = require('./originals.cjs');

/** @typedef {import('./steps.cjs').Target} Target @typedef {import('./forms.cjs').Row} Row */

/** The path as Node's own error holds it: the blocking form's is the caller's. @param {Target} target @param {string} form @returns {any} */
function shownBy({ given, text }, form) {
  return form === 'sync' || Buffer.isBuffer(given) ? given : text;
}

/** @param {import('./addon').Metadata} metadata */
const isDirectory = (metadata) => (Number(metadata[1]) & 0o170000) === 0o040000;

/** What Node's rm finds out with the lstat it begins with. */
const LOOKED = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** @param {any} error @param {Target} target @param {boolean} blind Whether a failure of that lstat is passed over, to fail again when the name is removed. */
function asRm(error, target, blind) {
  return LOOKED.has(error.code) ? failure(error.code, blind ? 'unlink' : 'lstat', [target]) : error;
}

/**
 * That lstat, which follows a link with a slash behind it: throws what it fails with, or that there is a directory.
 * @param {Target} target @param {string} form @returns {import('./steps.cjs').Steps}
 */
function* look(target, form) {
  const metadata = yield wire({ Stat: { path: target.remote, follow: false } }, 'lstat', target);
  if (!isDirectory(metadata)) return;
  throw systemError('ERR_FS_EISDIR', 'Path is a directory', {
    code: 'EISDIR', message: 'is a directory', path: shownBy(target, form), syscall: 'rm', errno: constants.errno.EISDIR,
  });
}

/** Whether there is a directory behind a link with a slash at its end. @param {Target} target @returns {Generator<any, boolean, any>} */
function* isLinkedDirectory(target) {
  try {
    return isDirectory(yield wire({ Stat: { path: target.remote, follow: false } }, 'lstat', target));
  } catch {
    return false;
  }
}

/** Whether Node removes without JavaScript, where nothing below a file is nothing. @param {string} form */
const native = (form) => form === 'sync' && nodeMajor >= 24;

/** @type {Row} */
const rm = {
  paths: [0],
  * run([target], [, options], form) {
    const { recursive = false, force = false } = options ?? {};
    const path = target.remote;
    try {
      if (recursive) yield wire({ RemoveTree: { path } }, native(form) ? 'rm' : 'rmdir', target);
      else yield wire({ Unlink: { path } }, 'unlink', target);
    } catch (error) {
      const { code } = /** @type {any} */ (error);
      if (force && (code === 'ENOENT' || (code === 'ENOTDIR' && recursive && native(form)))) return;
      if (!recursive) {
        try {
          yield* look(target, form);
        } catch (seen) {
          if (force && /** @type {any} */ (seen).code === 'ENOENT') return;
          throw seen;
        }
      } else if (code === 'ENOTDIR' && (yield* isLinkedDirectory(target))) {
        // Node finds a directory that is none to rmdir; only the blocking form tells.
        if (form === 'sync') throw failure(code, 'rmdir', [target]);
        return;
      }
      throw asRm(error, target, recursive && force && form === 'sync');
    }
  },
};

/** @type {Row} */
const rmdir = {
  paths: [0],
  // Node warns of `recursive`.
  judge: (led) => [fs.rmdirSync, led],
  * run([target], [, options], form) {
    const path = target.remote;
    let whole = false;
    if (options?.recursive) {
      const follow = form === 'promise';
      const metadata = yield wire({ Stat: { path, follow } }, follow ? 'stat' : 'lstat', target);
      whole = isDirectory(metadata);
    }
    yield wire(whole ? { RemoveTree: { path } } : { RemoveDirectory: { path } }, 'rmdir', target);
  },
};

module.exports = { rm, rmdir };
