'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { test } = require('node:test');
const { nodeError, systemError, abortError } = require('../errors.cjs');
const { statsOf, zeroStats } = require('../stats.cjs');
const { openFlags, fileMode, wireTime } = require('../values.cjs');

/** @param {() => unknown} act @returns {any} */
function caught(act) {
  try {
    act();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

/** @param {any} error */
const parts = (error) => [Object.keys(error), { ...error }, error.message, error.name];

test('an error is what Node throws', () => {
  assert.deepEqual(parts(nodeError('ENOENT', 'stat', '/no/such')), parts(caught(() => fs.statSync('/no/such'))));
  assert.deepEqual(parts(nodeError('ENOENT', 'rename', '/no/a', '/no/b')), parts(caught(() => fs.renameSync('/no/a', '/no/b'))));
  assert.deepEqual(parts(nodeError('EBADF', 'close')), parts(caught(() => fs.closeSync(0x7ffffffe))));
});

test('a SystemError is what Node throws', () => {
  const theirs = caught(() => fs.rmSync(__dirname));
  const info = theirs.info;
  const ours = systemError('ERR_FS_EISDIR', 'Path is a directory', info);
  assert.deepEqual([Object.keys(ours), ours.message, ours.name, String(ours)], [Object.keys(theirs), theirs.message, theirs.name, String(theirs)]);
});

test('an AbortError carries its cause', () => {
  const error = abortError(AbortSignal.abort('why'));
  assert.deepEqual([error.name, error.code, error.cause], ['AbortError', 'ABORT_ERR', 'why']);
});

test('stats are what Node gives', () => {
  const big = fs.statSync(__filename, { bigint: true });
  const fields = ['dev', 'mode', 'nlink', 'uid', 'gid', 'rdev', 'blksize', 'ino', 'size', 'blocks', 'atimeNs', 'mtimeNs', 'ctimeNs', 'birthtimeNs'];
  const metadata = BigInt64Array.from(fields.map((name) => /** @type {any} */ (big)[name]));
  assert.deepEqual(statsOf(metadata, true), big);
  assert.deepEqual(statsOf(metadata), fs.statSync(__filename));
  assert.deepEqual(statsOf(metadata).mtime, fs.statSync(__filename).mtime);
  assert.equal(statsOf(metadata).isFile(), true);
  assert.ok(statsOf(metadata) instanceof fs.Stats);
  assert.equal(zeroStats().mtimeMs, 0);
});

test('flags, modes and times have the agent\'s values', () => {
  assert.equal(openFlags('w+', 'r'), 0o2 | 0o100 | 0o1000);
  assert.equal(openFlags('xa', 'r'), openFlags('ax', 'r'));
  assert.equal(openFlags(undefined, 'r'), 0);
  assert.equal(openFlags(fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL, 'r'), 0o301);
  assert.equal(fileMode('755'), 0o755);
  assert.deepEqual(wireTime(new Date(1500)), { seconds: 1, nanoseconds: 500000000 });
  assert.deepEqual(wireTime(new Date(-1500)), { seconds: -2, nanoseconds: 500000000 });
});
