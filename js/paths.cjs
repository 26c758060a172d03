'use strict';

// Node's forms of a path: string, Buffer, file: URL.

const { isUint8Array } = require('node:util/types');
const { fileURLToPath } = require('node:url');

/**
 * The path a caller means, as text or as bytes; undefined for what is no path, which Node's own
 * function then refuses in its own words. A URL may come from another realm, hence no instanceof.
 * @param {unknown} value
 * @returns {string | Buffer | undefined}
 */
function plainPath(value) {
  if (typeof value === 'string') return value.includes('\0') ? undefined : value;
  if (isUint8Array(value)) {
    return value.includes(0) ? undefined : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  const url = /** @type {Partial<URL> & { auth?: unknown, path?: unknown } | null} */ (value);
  if (typeof url === 'object' && url?.href && url.protocol === 'file:' && url.auth === undefined && url.path === undefined) {
    try {
      const text = fileURLToPath(/** @type {URL} */ (url));
      return text.includes('\0') ? undefined : text;
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/** The spelling of a path that Node's errors show. @param {unknown} value */
function pathText(value) {
  const plain = plainPath(value);
  return plain === undefined ? String(value) : plain.toString();
}

/** `path` beneath `base`, or equal to it. Both absolute and normalised. @param {string} path @param {string} base */
function isWithin(path, base) {
  if (base === '/') return true;
  return path.startsWith(base) && (path.length === base.length || path.charCodeAt(base.length) === 47);
}

/** Absolute, normalised, without a slash at the end. @param {string} path */
function clean(path) {
  const normal = require('node:path').posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

/** @param {string} text For a regular expression. */
const quoted = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

module.exports = { plainPath, pathText, isWithin, clean, quoted };
