'use strict';

// rm and rmdir.

const { constants } = require('node:os');
const { wire, failure } = require('./steps.cjs');
const { systemError } = require('./errors.cjs');

/** @typedef {import('./steps.cjs').Target} Target @typedef {import('./forms.cjs').Row} Row */

/** @param {any} error @param {Target} target Node's rm looks with lstat first. */
function asRm(error, target) {
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(error.code) ? failure(error.code, 'lstat', [target]) : error;
}

/** @type {Row} */
const rm = {
  paths: [0],
  * run([target], [, options]) {
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
          code, message: 'is a directory', path: /** @type {string} */ (target.text), syscall: 'rm', errno: constants.errno.EISDIR,
        });
      }
      throw asRm(error, target);
    }
  },
};

/** @type {Row} */
const rmdir = {
  paths: [0],
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
