'use strict';

// Operations on open remote files. A descriptor is REMOTE_DESCRIPTOR and the wire's number; the file's
// offset is the agent's.

const session = require('./session.cjs');
const { wire, inOrder, failure } = require('./steps.cjs');
const { statsOf } = require('./stats.cjs');
const { fileMode, wireTime, ownerId, bytesOf } = require('./values.cjs');
const { fs } = require('./originals.cjs');
const { isErrno, withCodeLast } = require('./errors.cjs');
const { wireDescriptor, CLOSED } = require('./forms.cjs');

/** Largest body of one frame, wire-protocol's CHUNK. */
const CHUNK = 1024 * 1024;

/** @typedef {import('./forms.cjs').Row} Row */

/** Where to read or write; null is the file's own offset. @typedef {number | bigint | null} Position */

/** @param {unknown} position @returns {Position} */
function wirePosition(position) {
  return (typeof position === 'number' || typeof position === 'bigint') && position >= 0 ? position : null;
}

/** @param {Position} position @param {number} count @returns {Position} */
function after(position, count) {
  if (position === null) return null;
  return typeof position === 'bigint' ? position + BigInt(count) : position + count;
}

/**
 * Reads until `view` is full or a read comes short.
 * @param {number} descriptor @param {Uint8Array} view @param {Position} position @returns {import('./steps.cjs').Steps}
 */
function* readInto(descriptor, view, position) {
  let done = 0;
  while (done < view.length) {
    const length = Math.min(CHUNK, view.length - done);
    const at = after(position, done);
    const data = yield wire({ Read: { descriptor, position: at, length } }, 'read');
    view.set(data, done);
    done += data.length;
    if (data.length < length) break;
  }
  return done;
}

/**
 * Writes all of some views, unless a write comes short. Where a part was written it fails with nothing, as the kernel's.
 * @param {number} descriptor @param {ArrayBufferView[]} views @param {Position} position @returns {import('./steps.cjs').Steps}
 */
function* writeFrom(descriptor, views, position) {
  const total = views.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const series = total > CHUNK ? session.addon.newNumber() : 0;
  const pieces = frames(views);
  /** @type {number[]} */
  const lengths = [];
  let begun = 0;
  let done = 0;
  try {
    yield* inOrder(
      () => {
        const { value: data } = pieces.next();
        if (!data) return undefined;
        const at = after(position, begun);
        begun += data.length;
        lengths.push(data.length);
        return wire({ Write: { descriptor, position: at, data, series } }, 'write');
      },
      (written) => {
        done += written;
        return written === lengths.shift();
      },
    );
  } catch (error) {
    if (done === 0 || !isErrno(error)) throw error;
  }
  return done;
}

/**
 * Everything from the file's offset on, behind what was read before.
 * @param {number} descriptor @param {number} expected About how many bytes that is in all. @param {Buffer} [before]
 * @returns {import('./steps.cjs').Steps}
 */
function* readRest(descriptor, expected, before = Buffer.alloc(0)) {
  let bytes = Buffer.allocUnsafeSlow(Math.max(expected, before.length));
  let done = before.copy(bytes);
  let asked = done;
  yield* inOrder(
    (underWay) => {
      // One more than expected finds the end.
      if (underWay > 0 && asked >= expected + CHUNK) return undefined;
      asked += CHUNK;
      return wire({ Read: { descriptor, position: null, length: CHUNK } }, 'read');
    },
    (data) => {
      if (done + data.length > bytes.length) bytes = Buffer.concat([bytes.subarray(0, done)], Math.max(2 * done, done + data.length));
      done += data.copy(bytes, done);
      return data.length > 0;
    },
  );
  return bytes.subarray(0, done);
}

/** What lies behind the offset. @param {ArrayBufferView | undefined} view @param {unknown} offset Perhaps a wrong one. */
const rest = (view, offset) => (typeof offset === 'number' ? (view?.byteLength ?? 0) - offset : undefined);

/** Node's forms of read's arguments, as (descriptor, buffer, offset, length, position). @param {any[]} args */
function tidyRead([fd, buffer, offset, length, position]) {
  if (!ArrayBuffer.isView(buffer)) {
    if (typeof (buffer ?? {}) !== 'object') return [fd, buffer, offset, length, position];
    ({ buffer = Buffer.alloc(16384), offset, length, position } = buffer ?? {});
  } else if (typeof offset === 'object' && offset !== null) {
    ({ offset, length, position } = offset);
  }
  offset ??= 0;
  return [fd, buffer, offset, length ?? rest(buffer, offset), position ?? null];
}

/** Node's forms of write's arguments: of a view likewise, of a string as (descriptor, string, position, encoding). @param {any[]} args */
function tidyWrite([fd, data, offset, length, position]) {
  if (!ArrayBuffer.isView(data)) return [fd, data, offset, length];
  if (typeof offset === 'object' && offset !== null) ({ offset, length, position } = offset);
  offset ??= 0;
  return [fd, data, offset, typeof length === 'number' ? length : rest(data, offset), typeof position === 'number' ? position : null];
}

/** @param {any} fd */
const numberOf = (fd) => /** @type {number} */ (wireDescriptor(fd));

/** A row for a call on the descriptor alone. @param {(descriptor: number, args: any[]) => import('./steps.cjs').Step} call @returns {Row} */
const single = (call) => ({
  paths: [],
  descriptor: true,
  * run(_targets, [fd, ...args]) {
    yield call(numberOf(fd), args);
  },
});

/** @param {ArrayBufferView} view @param {number} offset @param {number} length */
const slice = (view, offset, length) => new Uint8Array(view.buffer, view.byteOffset + offset, length);

/** @param {Buffer[]} some At least one. */
const together = (some) => (some.length === 1 ? some[0] : Buffer.concat(some));

/** The bytes of several views, small ones put together to one frame. @param {ArrayBufferView[]} views @returns {Generator<Buffer, void>} */
function* gathered(views) {
  /** @type {Buffer[]} */
  let small = [];
  let length = 0;
  for (const view of views) {
    const bytes = bytesOf(view, null);
    if (length > 0 && length + bytes.length > CHUNK) {
      yield together(small);
      small = [];
      length = 0;
    }
    small.push(bytes);
    length += bytes.length;
    // A large one is written as it is.
    if (small.length === 1 && length > CHUNK) {
      yield bytes;
      small = [];
      length = 0;
    }
  }
  // Nothing at all is written too.
  if (small.length > 0) yield together(small);
}

/** The same in frames no larger than a chunk. @param {ArrayBufferView[]} views @returns {Generator<Buffer, void>} */
function* frames(views) {
  for (const bytes of gathered(views)) {
    for (let at = 0; at === 0 || at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
  }
}

/** What callbacks of reads and writes get beside the number. @param {Function} callback @param {any} error @param {any} value */
function settleWithData(callback, error, value) {
  if (error) callback(error, 0);
  else callback(null, value.count, value.data);
}

/** @type {Record<string, Row>} */
const rows = {
  close: single((descriptor) => wire({ Close: { descriptor } }, 'close')),
  fsync: single((descriptor) => wire({ Fsync: { descriptor, data_only: false } }, 'fsync')),
  fdatasync: single((descriptor) => wire({ Fsync: { descriptor, data_only: true } }, 'fdatasync')),
  ftruncate: single((descriptor, [length]) => wire({ Ftruncate: { descriptor, length: Math.max(0, length ?? 0) } }, 'ftruncate')),
  fchmod: single((descriptor, [mode]) => wire({ Fchmod: { descriptor, mode: fileMode(mode) } }, 'fchmod')),
  fchown: single((descriptor, [uid, gid]) => wire({ Fchown: { descriptor, uid: ownerId(uid), gid: ownerId(gid) } }, 'fchown')),
  futimes: single((descriptor, [accessed, modified]) => wire(
    { Futimes: { descriptor, accessed: wireTime(accessed), modified: wireTime(modified) } }, 'futime')),

  fstat: {
    paths: [],
    descriptor: true,
    * run(_targets, [fd, options]) {
      return statsOf(yield wire({ Fstat: { descriptor: numberOf(fd) } }, 'fstat'), options?.bigint);
    },
  },

  read: {
    paths: [],
    descriptor: true,
    tidy: tidyRead,
    judge: ([, ...args]) => [fs.readSync, [CLOSED, ...args]],
    settle: settleWithData,
    * run(_targets, [fd, buffer, offset, length, position], form) {
      // Node asks neither the file nor the buffer for nothing.
      const count = Math.trunc(length) === 0 ? 0 : yield* readInto(numberOf(fd), slice(buffer, offset, length), wirePosition(position));
      return form === 'sync' ? count : { count, data: buffer };
    },
  },

  write: {
    paths: [],
    descriptor: true,
    tidy: tidyWrite,
    judge: ([, ...args]) => [fs.writeSync, [CLOSED, ...args]],
    settle: settleWithData,
    * run(_targets, [fd, data, offset, length, position], form) {
      const view = ArrayBuffer.isView(data);
      const bytes = view ? bytesOf(slice(data, offset, length), null) : bytesOf(data, length);
      // With text Node takes no bigint for a place.
      const at = wirePosition(view ? position : typeof offset === 'number' ? offset : null);
      try {
        const count = yield* writeFrom(numberOf(fd), [bytes], at);
        return form === 'sync' ? count : { count, data };
      } catch (error) {
        throw form === 'sync' ? withCodeLast(error) : error;
      }
    },
  },

  readv: {
    paths: [],
    descriptor: true,
    settle: settleWithData,
    * run(_targets, [fd, buffers, position], form) {
      if (buffers.length === 0) throw failure('EINVAL', 'read', []);
      let at = wirePosition(typeof position === 'number' ? position : null);
      let count = 0;
      for (const buffer of buffers) {
        const got = yield* readInto(numberOf(fd), slice(buffer, 0, buffer.byteLength), at);
        count += got;
        at = after(at, got);
        if (got < buffer.byteLength) break;
      }
      return form === 'sync' ? count : { count, data: buffers };
    },
  },

  writev: {
    paths: [],
    descriptor: true,
    settle: settleWithData,
    * run(_targets, [fd, buffers, position], form) {
      const count = yield* writeFrom(numberOf(fd), buffers, wirePosition(typeof position === 'number' ? position : null));
      return form === 'sync' ? count : { count, data: buffers };
    },
  },
};

module.exports = { rows, CHUNK, frames, after, readInto, readRest, writeFrom };
