'use strict';

// rm and rmdir.

const { constants } = require('node:os');
const { wire, failure } = require('./steps.cjs');
const { systemError } = require('./errors.cjs');
const { fs } = require('./originals.cjs');

/** @typedef {import('./steps.cjs').Target} Target @typedef {import('./forms.cjs').Row} Row */

/** The path as Node's own error holds it: the blocking form's is the caller's. @param {Target} target @param {string} form @returns {any} */
function shownBy({ given, text }, form) {
  return form === 'sync' || Buffer.isBuffer(given) ? given : text;
}

/** What Node's rm finds out with the lstat it begins with. */
const LOOKED = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** @param {any} error @param {Target} target @param {boolean} blind Whether a failure of that lstat is passed over, to fail again when the name is removed. */
function asRm(error, target, blind) {
  return LOOKED.has(error.code) ? failure(error.code, blind ? 'unlink' : 'lstat', [target]) : error;
}

/** @type {Row} */
const rm = {
  paths: [0],
  * run([target], [, options], form) {
    const { recursive = false, force = false } = options ?? {};
    const path = target.remote;
    try {
      if (recursive) yield wire({ RemoveTree: { path } }, 'rm', target);
      else yield wire({ Unlink: { path } }, 'unlink', target);
    } catch (error) {
      const { code } = /** @type {any} */ (error);
      if (force && code === 'ENOENT') return;
      if (!recursive && code === 'EISDIR') {
        throw systemError('ERR_FS_EISDIR', 'Path is a directory', {
          code, message: 'is a directory', path: shownBy(target, form), syscall: 'rm', errno: constants.errno.EISDIR,
        });
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
  * run([target], [, options]) {
    const path = target.remote;
    if (!options?.recursive) {
      yield wire({ RemoveDirectory: { path } }, 'rmdir', target);
      return;
    }
    const metadata = yield wire({ Stat: { path, follow: false } }, 'lstat', target);
    if ((Number(metadata[1]) & 0o170000) !== 0o040000) throw failure('ENOTDIR', 'rmdir', [target]);
    yield wire({ RemoveTree: { path } }, 'rmdir', target);
  },
};

module.exports = { rm, rmdir };
