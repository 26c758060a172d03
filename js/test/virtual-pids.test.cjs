'use strict';

const assert = require('node:assert/strict');
const { test, before } = require('node:test');
const { begin } = require('./process-session.cjs');
const pids = require('../virtual-pids.cjs');

const kill = pids.killFor(process.kill);
/** Signals that were sent, `-` before those to the whole group. @type {string[]} */
let sent = [];
let next = 0;

before(() => {
  begin({}, { addon: /** @type {any} */ ({ newNumber: () => next++ }) });
});

/** @param {boolean} detached @param {{ answer?: string }} [group] */
function enter(detached, group = {}) {
  sent = [];
  return pids.enter(/** @type {any} */ ({
    kill: (/** @type {string} */ name, /** @type {boolean} */ whole) => (sent.push(whole ? `-${name}` : name), group.answer),
  }), detached);
}

/** @param {string} code */
const failing = (code) => (/** @type {any} */ error) => {
  assert.deepEqual({ ...error }, { errno: error.errno, code, syscall: 'kill' });
  assert.equal(error.message, `kill ${code}`);
  return error.errno < 0;
};

test('numbers lie above those of any system and are not given twice', () => {
  const [a, b] = [enter(false), enter(false)];
  assert.ok(a > 0x40000000 && b > a);
  assert.equal(-b | 0, -b);
});

test('signals go by name, those that end to the whole group', () => {
  const pid = enter(true);
  for (const signal of [undefined, 'SIGKILL', 0, 2, 6, 'SIGUSR1', 'SIGCONT']) assert.equal(kill(pid, signal), true);
  assert.deepEqual(sent, ['-SIGTERM', '-SIGKILL', '0', '-SIGINT', '-SIGABRT', 'SIGUSR1', 'SIGCONT']);
});

test('a negative pid means the group, whatever the signal', () => {
  const pid = enter(true);
  for (const signal of ['SIGHUP', 'SIGUSR1', 0]) assert.equal(kill(-pid, signal), true);
  assert.deepEqual(sent, ['-SIGHUP', '-SIGUSR1', '-0']);
});

test('only a detached process has a group', () => {
  assert.throws(() => kill(-enter(false), 'SIGTERM'), failing('ESRCH'));
  assert.deepEqual(sent, []);
});

test('until its end is told, a process takes signals that no longer reach it', () => {
  const pid = enter(false, { answer: 'ESRCH' });
  assert.equal(kill(pid, 'SIGTERM'), true);
  pids.end(pid);
  assert.throws(() => kill(pid, 'SIGTERM'), failing('ESRCH'));
});

test('after the end the process is gone, and its group until it is empty', () => {
  /** @type {{ answer?: string }} */
  const group = {};
  const pid = enter(true, group);
  pids.end(pid);
  assert.throws(() => kill(pid, 0), failing('ESRCH'));
  assert.equal(kill(-pid, 0), true);
  group.answer = 'ESRCH';
  assert.throws(() => kill(-pid, 0), failing('ESRCH'));
  assert.throws(() => kill(-pid, 'SIGTERM'), failing('ESRCH'));
  assert.deepEqual(sent, ['-0', '-0']);
});

test('errors of the remote are those of a kill here', () => {
  assert.throws(() => kill(enter(false, { answer: 'EPERM' }), 'SIGTERM'), failing('EPERM'));
  assert.throws(() => kill(enter(false), 4711), failing('EINVAL'));
});

test('Node answers for other pids and refuses arguments in its own words', () => {
  assert.equal(kill(process.pid, 0), true);
  assert.throws(() => kill(0x4fffffff, 0), { code: 'ESRCH' });
  assert.throws(() => kill(enter(false), 'SIGNONE'), { code: 'ERR_UNKNOWN_SIGNAL' });
  assert.throws(() => kill(/** @type {any} */ ('x')), { code: 'ERR_INVALID_ARG_TYPE' });
});
