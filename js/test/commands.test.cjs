'use strict';

const assert = require('node:assert/strict');
const { posix } = require('node:path');
const { test, beforeEach, after } = require('node:test');
const { begin } = require('./process-session.cjs');
const { TABLE, rowFor, sideOf, remoteFile, remoteCwd } = require('../commands.cjs');

/** The rows that have decided about anything here. @type {Set<import('../commands.cjs').Row>} */
const seen = new Set();
/** The names by which they did. @type {Set<string>} */
const seenNames = new Set();

/** @param {string} file @param {string[]} [words] @param {string | null} [cwd] @param {boolean} [ipc] */
function side(file, words = [], cwd, ipc) {
  const command = { file, args: [file, ...words], cwd, ipc };
  const row = rowFor(command);
  seen.add(row);
  if (row.names) seenNames.add(posix.basename(file));
  assert.equal(sideOf(command), row.side);
  return row.side;
}

after(() => {
  const unseen = TABLE.filter((row) => !seen.has(row));
  assert.deepEqual(unseen, [], 'every row has decided about a command');
  const names = TABLE.flatMap((row) => (Array.isArray(row.names) ? row.names : []));
  assert.deepEqual(names.filter((name) => !seenNames.has(name)), [], 'and so has every name in it');
});

beforeEach(() => {
  delete process.env.EDITOR;
  delete process.env.VISUAL;
  begin({ program: 'pi' });
});

test('a cwd decides', () => {
  assert.equal(side('git', ['status'], '/srv/app'), 'remote');
  assert.equal(side('git', ['status'], '/srv/app/sub/..'), 'remote');
  assert.equal(side('git', ['status'], 'sub'), 'remote');
  assert.equal(side('git', ['status'], '/data/x'), 'remote');
  assert.equal(side('git', ['clone', '/srv/app'], '/home/me'), 'local');
  assert.equal(side('git', ['status'], '/srv/app/pinned'), 'local');
  assert.equal(side('/bin/bash', ['-c', 'ls'], '/srv/app'), 'remote');
});

/** What stays on the laptop whatever its cwd, by the row's reason. */
const OF_THE_LAPTOP = {
  'a local Node is bridged': ['node', 'nodejs', process.execPath, 'pi', 'pii'],
  'the user looks at the laptop': ['open', 'xdg-open', 'rundll32', 'wslview', 'osascript', 'notify-send', 'terminal-notifier'],
  "the clipboard is the laptop's": ['pbcopy', 'pbpaste', 'xclip', 'xsel', 'wl-copy', 'wl-paste', 'clip.exe'],
  'the terminal the program runs in': ['tmux'],
  "the user's login": ['gh'],
  'secrets stay on the laptop': ['op', 'pass', 'security', 'secret-tool'],
};

for (const [why, names] of Object.entries(OF_THE_LAPTOP)) {
  test(`whatever their cwd, on the laptop: ${why}`, () => {
    for (const file of names) {
      for (const cwd of ['/srv/app', '/home/me', undefined]) assert.equal(side(file, ['x', '/srv/app/x'], cwd), 'local', file);
      if (!file.startsWith('/')) assert.equal(side(`/usr/bin/${file}`, [], '/srv/app'), 'local', file);
      assert.equal(side(`./${file}`, [], '/srv/app'), 'remote', `the remote's own ${file}`);
    }
  });
}

test('a command with a channel stays on the laptop', () => {
  assert.equal(side('git', [], '/srv/app', true), 'local');
  begin({ remoteCommands: ['git'] });
  assert.equal(side('git', [], '/srv/app', true), 'local');
});

test('the user decides before the table does', () => {
  begin({ localCommands: ['docker'], remoteCommands: ['gh'] });
  assert.equal(side('docker', ['ps'], '/srv/app'), 'local');
  assert.equal(side('gh', ['pr'], '/srv/app'), 'remote');
  assert.equal(side('gh', ['pr'], '/home/me'), 'remote');
});

test('a file of the remote runs there, whatever it is called', () => {
  assert.equal(side('/srv/app/bin/node'), 'remote');
  assert.equal(side('./gh', [], '/srv/app'), 'remote');
  assert.equal(side('../tools/gh', [], '/srv/app'), 'local');
});

test('without a cwd, pi means the laptop unless a word is a path of the remote', () => {
  assert.equal(side('/bin/sh', ['-c', 'op read op://key']), 'local');
  assert.equal(side('npm', ['root', '-g']), 'local');
  assert.equal(side('xattr', ['-w', 'a', 'b', '/srv/app/.pi']), 'remote');
  assert.equal(side('git', ['--git-dir=/srv/app/.git', 'log']), 'remote');
  assert.equal(side('git', ['--git-dir=/home/me/.git', 'log']), 'local');
  assert.equal(side('rg', ['--version']), 'remote');
  assert.equal(side('/home/me/.pi/agent/bin/fd', ['x', '/srv/app']), 'remote');
  assert.equal(side('fdfind', ['x']), 'remote');
  begin({ program: 'pi' }, { cwd: '/home/me' });
  assert.equal(side('rg', ['--version']), 'local');
});

test('without a cwd, any other program means the directory it is in', () => {
  begin({ program: 'node' });
  assert.equal(side('/bin/sh', ['-c', 'ls']), 'remote');
  assert.equal(side('/bin/sh', ['-c', 'ls'], null), 'remote', 'as exec gives it');
  assert.equal(side('xdg-open', ['x']), 'local');
  begin({ program: 'node' }, { cwd: '/home/me' });
  assert.equal(side('/bin/sh', ['-c', 'ls']), 'local');
});

test('the editor stays on the laptop, a shell in EDITOR does not drag every shell there', () => {
  process.env.EDITOR = 'code --wait';
  assert.equal(side('code', ['--wait', 'x'], '/srv/app'), 'local');
  assert.equal(side('code', ['x'], '/srv/app'), 'remote');
  process.env.VISUAL = 'bash -c';
  assert.equal(side('bash', ['-c', 'ls'], '/srv/app'), 'remote');
  process.env.EDITOR = '  ';
  assert.equal(side('', [], '/srv/app'), 'remote');
});

test('a file of the laptop means the command of that name', () => {
  assert.equal(remoteFile('rg').toString(), 'rg');
  assert.equal(remoteFile('./run').toString(), './run');
  assert.equal(remoteFile('/bin/sh').toString(), 'sh');
  assert.equal(remoteFile('/opt/homebrew/bin/bash').toString(), 'bash');
  assert.equal(remoteFile(__filename).toString(), 'commands.test.cjs');
  assert.equal(remoteFile('/srv/app/bin/x').toString(), '/srv/app/bin/x');
  assert.equal(remoteFile('/opt/only-there/tool').toString(), '/opt/only-there/tool');
});

test('a command without a remote cwd runs where the program is, else in the root', () => {
  const at = (/** @type {string | undefined} */ cwd) => remoteCwd({ file: 'x', args: [], cwd }).toString();
  begin({}, { cwd: '/srv/app/sub' });
  assert.equal(at('/data/y'), '/data/y');
  assert.equal(at('z'), '/srv/app/sub/z');
  assert.equal(at(undefined), '/srv/app/sub');
  begin({}, { cwd: '/home/me' });
  assert.equal(at(undefined), '/srv/app');
});
