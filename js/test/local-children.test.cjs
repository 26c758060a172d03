'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const { join } = require('node:path');
const { test, beforeEach } = require('node:test');
const { begin } = require('./process-session.cjs');
const { localChanges, hidePreload } = require('../local-children.cjs');
const { bridged } = require('../workers.cjs');

beforeEach(() => { begin({}, { snapshotEnv: { B: '1' } }); });

test('a command of the laptop gets a directory of the laptop', () => {
  assert.deepEqual(localChanges({ file: 'tmux' }, false), { cwd: '/tmp/pii-test/cwd/srv/app' });
  assert.equal(localChanges({ file: 'tmux', cwd: '/usr/lib' }, false), undefined);
  assert.deepEqual(localChanges({ file: 'tmux', cwd: '/srv/beside' }, false), { cwd: '/tmp/pii-test/cwd/nothing' });
  begin({ redirects: [{ from: '/home/me/.pi/agent/sessions', to: '/state/x' }] }, { cwd: '/usr/lib' });
  assert.equal(localChanges({ file: 'tmux' }, false), undefined);
  assert.deepEqual(localChanges({ file: 'tmux', cwd: '/home/me/.pi/agent/sessions/a' }, false), { cwd: '/state/x/a' });
});

test('a Node program gets the bridge, with the directory it is to see', () => {
  const own = ['PII_SOCKET=/tmp/pii-test/socket', 'PII_CWD=/srv/app', 'PII_CHANGED=B', 'NODE_OPTIONS=--require "/opt/pii/js/preload.cjs"'];
  for (const file of ['node', process.execPath, '/usr/local/bin/pi']) {
    assert.deepEqual(localChanges({ file, envPairs: ['B=1'] }, false), { cwd: '/tmp/pii-test/cwd/srv/app', envPairs: ['B=1', ...own.with(2, 'PII_CHANGED=')] });
  }
  assert.deepEqual(localChanges({ file: '/opt/other', envPairs: [] }, true)?.envPairs, own);
  assert.deepEqual(localChanges({ file: 'node', cwd: '/usr/lib', envPairs: ['PII_CWD=x', 'C=1'] }, false)?.envPairs, ['C=1', own[0], 'PII_CWD=/usr/lib', 'PII_CHANGED=C=B', own[3]]);
});

test('a script that Node runs is a Node program', () => {
  const folder = fs.mkdtempSync(join(os.tmpdir(), 'pii-scripts-'));
  const scripts = { npm: '#!/usr/bin/env node\n', split: '#!/usr/bin/env -S node --no-warnings\n', own: '#!/opt/x/bin/node\n', shell: '#!/bin/sh\nnode x', other: '#!/usr/bin/nodemon\n' };
  try {
    for (const [name, text] of Object.entries(scripts)) fs.writeFileSync(join(folder, name), text);
    const bridged = (/** @type {string} */ file) => localChanges({ file, envPairs: [`PATH=/nowhere:${folder}`] }, false)?.envPairs !== undefined;
    assert.deepEqual(['npm', 'split', 'own', 'shell', 'other', 'missing', join(folder, 'npm')].map(bridged), [true, true, true, false, false, false, true]);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

test('its own NODE_OPTIONS stay, behind ours, and ours come once', () => {
  const option = (/** @type {string} */ value) =>
    localChanges({ file: 'node', envPairs: [`NODE_OPTIONS=${value}`] }, false)?.envPairs?.at(-1);
  assert.equal(option('--no-warnings'), 'NODE_OPTIONS=--require "/opt/pii/js/preload.cjs" --no-warnings');
  assert.equal(option('--require "/opt/pii/js/preload.cjs" -x'), 'NODE_OPTIONS=--require "/opt/pii/js/preload.cjs" -x');
  begin({ preload: '/a "b\\c/preload.cjs' });
  assert.equal(option(''), 'NODE_OPTIONS=--require "/a \\"b\\\\c/preload.cjs"');
});

test('the preload is taken out of the environment commands inherit', () => {
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = '--require "/opt/pii/js/preload.cjs" --no-warnings';
  hidePreload();
  assert.equal(process.env.NODE_OPTIONS, '--no-warnings');
  process.env.NODE_OPTIONS = '--require "/opt/pii/js/preload.cjs"';
  hidePreload();
  assert.equal(process.env.NODE_OPTIONS, undefined);
  if (before !== undefined) process.env.NODE_OPTIONS = before;
});

test('a Worker with options of its own gets the preload by them', () => {
  const preload = '/opt/pii/js/preload.cjs';
  assert.equal(bridged(undefined), undefined);
  assert.deepEqual(bridged({ name: 'x' }), { name: 'x' });
  assert.deepEqual(bridged({ execArgv: ['--no-warnings'] }), { execArgv: ['--require', preload, '--no-warnings'] });
  assert.deepEqual(bridged({ env: {} }), { env: { NODE_OPTIONS: `--require "${preload}"` } });
});
