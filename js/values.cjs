'use strict';

// Node's forms of flags, modes, times and encodings, as the agent takes them.

const fs = require('node:fs');
const session = require('./session.cjs');

const nodeMajor = Number(process.versions.node.split('.')[0]);

/** Values of wire-protocol's `open_flags`, by the names both systems share. */
const LINUX = {
  O_WRONLY: 0o1, O_RDWR: 0o2, O_CREAT: 0o100, O_EXCL: 0o200, O_TRUNC: 0o1000, O_APPEND: 0o2000,
  O_NONBLOCK: 0o4000, O_DSYNC: 0o10000, O_DIRECTORY: 0o200000, O_NOFOLLOW: 0o400000, O_NOATIME: 0o1000000, O_SYNC: 0o4010000,
};
const { O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_SYNC } = LINUX;

/** @type {Record<string, number>} */
const LETTERS = {
  r: 0, rs: O_SYNC, 'r+': O_RDWR, 'rs+': O_RDWR | O_SYNC,
  w: O_WRONLY | O_CREAT | O_TRUNC, wx: O_WRONLY | O_CREAT | O_TRUNC | O_EXCL,
  'w+': O_RDWR | O_CREAT | O_TRUNC, 'wx+': O_RDWR | O_CREAT | O_TRUNC | O_EXCL,
  a: O_WRONLY | O_CREAT | O_APPEND, ax: O_WRONLY | O_CREAT | O_APPEND | O_EXCL, as: O_WRONLY | O_CREAT | O_APPEND | O_SYNC,
  'a+': O_RDWR | O_CREAT | O_APPEND, 'ax+': O_RDWR | O_CREAT | O_APPEND | O_EXCL, 'as+': O_RDWR | O_CREAT | O_APPEND | O_SYNC,
};

/** @param {string | number | null | undefined} flags As Node takes them, already judged. @param {string} otherwise @returns {number} */
function openFlags(flags, otherwise) {
  if (typeof flags !== 'number') {
    const letters = flags ?? otherwise;
    // Node also takes the modifier first: `xw+`.
    return LETTERS[letters] ?? LETTERS[letters.replace(/^([xs])([rwa])/, '$2$1')];
  }
  let wire = 0;
  for (const [name, value] of Object.entries(LINUX)) {
    const here = /** @type {any} */ (fs.constants)[name];
    if (here && (flags & here) === here) wire |= value;
  }
  return wire;
}

/** @param {string | number | null | undefined} mode @param {number} [otherwise] @returns {number} */
function fileMode(mode, otherwise = 0) {
  return typeof mode === 'string' ? Number.parseInt(mode, 8) : mode ?? otherwise;
}

/** A mode for something new, under the program's umask. @param {string | number | null | undefined} mode @param {number} otherwise */
function newMode(mode, otherwise) {
  return fileMode(mode, otherwise) & ~(session.umask ?? session.facts.umask);
}

/** A time as Node takes it; the libuv of Node 22 cuts it to microseconds. @param {any} time */
function wireTime(time) {
  const value = /** @type {any} */ (fs)._toUnixTimestamp(time);
  let seconds = Math.trunc(value);
  let nanoseconds = Math.trunc((value - seconds) * 1e9);
  if (nodeMajor < 24) nanoseconds -= nanoseconds % 1000;
  if (nanoseconds < 0) {
    nanoseconds += 1e9;
    seconds -= 1;
  }
  return { seconds, nanoseconds };
}

/** A user or group id; -1 leaves it. @param {number} id */
const ownerId = (id) => id >>> 0;

/** The encoding that options ask for. @param {any} options @param {string | null} [otherwise] */
function encodingOf(options, otherwise = 'utf8') {
  return (typeof options === 'string' ? options : options?.encoding) ?? otherwise;
}

/** @param {Buffer} bytes @param {string | null} encoding @returns {string | Buffer} */
function encoded(bytes, encoding) {
  return encoding === null || encoding === 'buffer' ? bytes : bytes.toString(/** @type {BufferEncoding} */ (encoding));
}

/** What is to be written, as bytes. @param {any} data @param {string | null} encoding @returns {Buffer} */
function bytesOf(data, encoding) {
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.from(data, /** @type {BufferEncoding} */ (encoding ?? 'utf8'));
}

module.exports = { openFlags, O_CREAT, fileMode, newMode, wireTime, ownerId, encodingOf, encoded, bytesOf, nodeMajor };
