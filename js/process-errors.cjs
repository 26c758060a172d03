'use strict';

// Node's error objects for processes: their text is `spawn git ENOENT`, without the sentence fs gives.

const { errnoNumber } = require('./errors.cjs');

/**
 * @param {string} code Name of an errno.
 * @param {string} syscall As Node names it: `kill`, `spawnSync git`.
 * @returns {NodeJS.ErrnoException & { spawnargs?: string[] }}
 */
function processError(code, syscall) {
  const error = /** @type {NodeJS.ErrnoException} */ (new Error(`${syscall} ${code}`));
  error.errno = errnoNumber(code);
  error.code = code;
  error.syscall = syscall;
  Error.captureStackTrace(error, processError);
  return error;
}

/** What an error of the addon is as the negative number a handle's methods return. @param {unknown} error */
function errnoOf(error) {
  const number = errnoNumber(String(/** @type {NodeJS.ErrnoException} */ (error)?.code));
  if (number === undefined) throw error;
  return number;
}

module.exports = { processError, errnoOf };
