'use strict';

// Node's own error objects, made from the name of an errno.

const { getSystemErrorMap } = require('node:util');
const session = require('./session.cjs');
const { fs } = require('./originals.cjs');

/** The code of a path that a rule of pii refuses: the wire's, see wire-protocol/src/error.rs. The program sees EACCES. */
const OUTSIDE = 'EOUTSIDE';

/** Why it does. */
function outsideReason() {
  const { root, outside } = session.facts ?? {};
  const open = outside === 'read' ? 'writeRoots' : 'readRoots, writeRoots or outside = "read"';
  return `outside the root of pii (${root}): a command reaches it, and ${open} in pii's configuration opens it to this`;
}

/** @type {Map<string, [number, string]>} Name of an errno to the laptop's number and text for it. */
const errnos = new Map();
for (const [number, [name, text]] of getSystemErrorMap()) errnos.set(name, [number, text]);

/**
 * The error Node throws when a system call fails. Own properties are in Node's order.
 * @param {string} code Name of an errno.
 * @param {string} [syscall] As Node names it: `scandir` for readdir.
 * @param {string} [path] As the caller spelled it.
 * @param {string} [dest] Second path, likewise.
 * @returns {NodeJS.ErrnoException & { dest?: string }}
 */
function nodeError(code, syscall, path, dest) {
  if (code === OUTSIDE) {
    const refused = nodeError('EACCES', syscall, path, dest);
    refused.message += `: ${outsideReason()}`;
    return refused;
  }
  const [errno, text] = errnos.get(code) ?? [undefined, 'unknown error'];
  let message = `${code}: ${text}`;
  if (syscall !== undefined) message += `, ${syscall}`;
  if (path !== undefined) message += ` '${path}'`;
  if (dest !== undefined) message += ` -> '${dest}'`;
  const error = /** @type {NodeJS.ErrnoException & { dest?: string }} */ (new Error(message));
  error.errno = errno;
  error.code = code;
  if (syscall !== undefined) error.syscall = syscall;
  if (path !== undefined) error.path = path;
  if (dest !== undefined) error.dest = dest;
  return error;
}

/**
 * Brings the properties in the order of those few errors that Node puts together in JavaScript: blocking writes.
 * @param {any} error
 */
function withCodeLast(error) {
  const { code } = error;
  delete error.code;
  return Object.assign(error, { code });
}

/** Whether a value is a failure of the system, not of an argument. @param {unknown} error */
function isErrno(error) {
  if (!(error instanceof Error)) return false;
  const { code } = /** @type {NodeJS.ErrnoException} */ (error);
  return code === OUTSIDE || errnos.has(String(code));
}

/** The laptop's number of an errno. @param {string} code */
function errnoNumber(code) {
  return errnos.get(code === OUTSIDE ? 'EACCES' : code)?.[0];
}

/** What Node throws for an aborted call: its own, whose class it does not export. @param {AbortSignal} signal Aborted. @returns {NodeJS.ErrnoException} */
function abortError(signal) {
  let error;
  fs.readFile('/', { signal }, (made) => { error = made; });
  return /** @type {any} */ (error);
}

/**
 * Node's error with a code of its own, such as ERR_FS_EISDIR.
 * @param {ErrorConstructor} Base @param {string} code @param {string} message
 */
function codeError(Base, code, message) {
  const error = /** @type {NodeJS.ErrnoException} */ (new Base(message));
  error.code = code;
  error.stack = error.stack?.replace(`${Base.name}:`, `${Base.name} [${code}]:`);
  return error;
}

class SystemError extends Error {
  toString() {
    return `${this.name} [${/** @type {any} */ (this).code}]: ${this.message}`;
  }
}

/** The class of those that Node makes with a shortened stack. */
class NodeError extends SystemError {}

/**
 * Node's SystemError: what rm and cp throw when the kinds of the paths do not fit. Its errno is positive.
 * @param {string} code @param {string} prefix
 * @param {{ code: string, message: string, path: string | Buffer, syscall: string, errno: number, dest?: string }} info
 */
function systemError(code, prefix, info) {
  const dest = info.dest === undefined ? '' : ` => ${info.dest}`;
  const message = `${prefix}: ${info.syscall} returned ${info.code} (${info.message}) ${info.path}${dest}`;
  const error = Object.assign(info.syscall === 'rm' ? new SystemError() : new NodeError(), { code });
  for (const [key, value] of [['name', 'SystemError'], ['message', message]]) {
    Object.defineProperty(error, key, { value, writable: true, configurable: true });
  }
  error.stack = `SystemError [${code}]: ${message}${error.stack?.replace(/^.*/, '')}`;
  return Object.assign(error, { info, errno: info.errno, syscall: info.syscall, path: info.path.toString() },
    info.dest === undefined ? {} : { dest: info.dest });
}

module.exports = { OUTSIDE, nodeError, withCodeLast, isErrno, errnoNumber, abortError, codeError, systemError };
