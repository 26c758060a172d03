'use strict';

// copyFile, within the remote and across the border. Across it, it is made of the public functions, which find the
// side of each path by themselves.

const { constants } = require('node:fs');
const { wire, use, all, failure } = require('./steps.cjs');
const { CHUNK, AHEAD } = require('./fs-descriptors.cjs');

/** @typedef {import('./steps.cjs').Target} Target @typedef {import('./forms.cjs').Row} Row @typedef {import('./steps.cjs').Steps} Steps */

/**
 * Carries whole chunks of a file, some at once. Where one comes short the rest is left.
 * @param {number} source @param {number} sink @param {number} size @param {number} ahead @returns {import('./steps.cjs').Steps} How far it came.
 */
function* carryChunks(source, sink, size, ahead) {
  const chunks = Math.floor(size / CHUNK);
  const buffers = Array.from({ length: Math.min(chunks, ahead) }, () => Buffer.allocUnsafe(CHUNK));
  for (let done = 0; done < chunks;) {
    const some = buffers.slice(0, chunks - done);
    const start = done;
    for (const [name, fd] of /** @type {[string, number][]} */ ([['read', source], ['write', sink]])) {
      const counts = yield all(some.map((buffer, index) => use(name, fd, buffer, 0, CHUNK, (start + index) * CHUNK)));
      if (counts.some((/** @type {number} */ count) => count < CHUNK)) return done * CHUNK;
    }
    done += some.length;
  }
  return chunks * CHUNK;
}

/**
 * Carries all from a position, or from the files' own offsets.
 * @param {number} source @param {number} sink @param {number | null} position @returns {Steps}
 */
function* carry(source, sink, position) {
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (;;) {
    const got = yield use('read', source, buffer, 0, buffer.length, position);
    if (got === 0) return;
    for (let done = 0; done < got;) {
      const count = yield use('write', sink, buffer, done, got - done, position);
      done += count;
      if (position !== null) position += count;
    }
  }
}

/** @param {Target} from @param {Target} to @param {boolean} exclusive @param {number} ahead Chunks carried at once. @returns {Steps} */
function* stream(from, to, exclusive, ahead) {
  const pair = [from, to];
  const asCopy = (/** @type {any} */ error) => (error.code && error.syscall ? failure(error.code, 'copyfile', pair) : error);
  /** @type {number[]} */
  const open = [];
  let begun = false;
  try {
    const source = yield use('open', from.given, 'r');
    open.push(source);
    const stats = yield use('fstat', source);
    const sink = yield use('open', to.given, exclusive ? 'wx' : 'w', stats.mode & 0o7777);
    open.push(sink);
    begun = true;
    // Writing will set the time of modification again. Owners are numbers that mean nothing on another machine.
    yield use('futimes', sink, stats.atimeMs / 1000, stats.mtimeMs / 1000);
    yield use('fchmod', sink, stats.mode & 0o7777);
    if (stats.isFile()) yield* carry(source, sink, yield* carryChunks(source, sink, stats.size, ahead));
    else yield* carry(source, sink, null);
  } catch (error) {
    // Half a copy is of no use.
    if (begun) yield use('unlink', to.given);
    throw asCopy(error);
  } finally {
    for (const descriptor of open) yield use('close', descriptor);
  }
}

/** @type {Row} */
const copyFile = {
  paths: [0, 1],
  * run([from, to], [, , mode], form) {
    if ([from, to].some((target) => target.missing)) throw failure('ENOENT', 'copyfile', [from, to]);
    const exclusive = ((mode ?? 0) & constants.COPYFILE_EXCL) !== 0;
    if (from.local || to.local) yield* stream(from, to, exclusive, form === 'sync' ? 1 : AHEAD);
    else yield wire({ CopyFile: { from: from.remote, to: to.remote, exclusive } }, 'copyfile', from, to);
  },
};

module.exports = { copyFile };
