'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { once } = require('node:events');
const { test, beforeEach } = require('node:test');
const { begin } = require('./process-session.cjs');
const { StandIns } = require('../stand-ins.cjs');

const REMOTE = 0x50000000;
/** What was asked of the addon. @type {[number, boolean][]} */
let asked = [];
let drained = 0;

beforeEach(() => {
  asked = [];
  drained = 0;
  const standIn = (/** @type {number} */ descriptor, /** @type {boolean} */ reads) => {
    asked.push([descriptor, reads]);
    if (descriptor === 9) throw Object.assign(new Error('EBADF'), { code: 'EBADF' });
    return { fd: fs.openSync('/dev/null', 'r'), drain: async () => { drained += 1; }, drainSync: () => { drained += 1; } };
  };
  begin({}, { addon: /** @type {any} */ ({ standIn }) });
});

test('only remote files are replaced', () => {
  for (const stdio of [undefined, 'inherit', [], ['ignore', 'pipe', 2, null, undefined, { fd: 1 }]]) {
    assert.deepEqual(new StandIns(stdio).changes, {});
  }
  assert.deepEqual(asked, []);
});

test('a file has one pipe for each direction', () => {
  const files = new StandIns([REMOTE + 3, REMOTE + 3, { fd: REMOTE + 3 }, 'pipe', REMOTE + 4]);
  assert.deepEqual(asked, [[3, true], [3, false], [4, false]]);
  const stdio = /** @type {number[]} */ (files.changes.stdio);
  assert.equal(stdio[1], stdio[2]);
  assert.equal(stdio[3], 'pipe');
  files.close();
  files.drainSync();
  assert.equal(drained, 3);
  for (const fd of new Set([stdio[0], stdio[1], stdio[4]])) assert.throws(() => fs.fstatSync(fd), { code: 'EBADF' });
});

test('what is not open is left for Node to refuse', () => {
  assert.deepEqual(new StandIns(['ignore', REMOTE + 9, 'pipe']).changes, {});
});

test('the end is told when all is in the files', async () => {
  const ends = new (require('node:events').EventEmitter)();
  const handle = /** @type {any} */ ({ onexit: (/** @type {any[]} */ ...end) => ends.emit('end', ...end), kill: () => 0 });
  const files = new StandIns(['ignore', REMOTE + 3, REMOTE + 4]);
  files.close();
  files.holdEnd({ _handle: handle, pid: 1 });
  const ended = once(ends, 'end');
  handle.onexit(3, '');
  assert.ok(handle.kill(15) < 0);
  assert.deepEqual([await ended, drained], [[3, ''], 2]);
});
