'use strict';

const assert = require('node:assert/strict');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
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
  assert.equal(side('../tools/gh', [], '/srv/app'), 'local', 'by its name');
});

test('no cwd, an empty one and the program\'s own are the same', () => {
  for (const cwd of [undefined, null, '', '/srv/app', '.']) {
    assert.equal(side('git', ['log'], cwd), 'remote');
    assert.equal(side('/bin/sh', ['-c', 'git log'], cwd), 'remote');
    assert.equal(side('date', [], cwd), 'remote');
  }
  begin({ program: 'node' }, { cwd: '/home/me' });
  assert.equal(side('/bin/sh', ['-c', 'ls']), 'local');
  assert.equal(side('/bin/sh', ['-c', 'ls'], '/srv/app'), 'remote');
});

test('a shell that only asks tmux about the terminal stays', () => {
  assert.equal(side('/bin/sh', ['-c', "tmux display-message -p '#{client_termfeatures}'"]), 'local');
  assert.equal(side('/bin/sh', ['-c', 'tmux display-message -p x; id']), 'remote');
  assert.equal(side('/bin/sh', ['-c', 'tmux display-message $(id)']), 'remote');
  assert.equal(side('/bin/sh', ['-c', 'tmux new -d']), 'remote');
});

test('pi looks after its installation and its packages on the laptop', () => {
  assert.equal(side('npm', ['root', '-g']), 'local');
  assert.equal(side('pnpm', ['add', '--global', 'x']), 'local');
  assert.equal(side('npm', ['install', '-g', 'x'], '/srv/app'), 'remote', 'asked for by somebody in the project');
  for (const name of ['npm', 'pnpm', 'yarn', 'bun', 'git', 'tar', 'unzip']) assert.equal(side(name, ['x', '/home/me/.pi/agent/npm']), 'local');
  assert.equal(side('yarn', ['add', '-g', 'x']), 'local');
  assert.equal(side('bun', ['add', '-g', 'x']), 'local');
  begin({ program: 'node' });
  assert.equal(side('npm', ['root', '-g']), 'remote');
});

test('what belongs to the installation stays, but for the search tools pi has fetched', () => {
  begin({ program: 'pi', outside: 'deny', pins: ['/opt/pi', '/home/me/.pi/agent'] });
  assert.equal(side('/opt/pi/node_modules/x/bin/esbuild'), 'local');
  assert.equal(side('/home/me/.pi/agent/bin/fd', ['x', '/srv/app']), 'remote');
  assert.equal(side('/home/me/.pi/agent/bin/rg', ['x', '/srv/app']), 'remote');
  assert.equal(remoteFile('/home/me/.pi/agent/bin/fd').toString(), 'fd');
  assert.equal(side('git', ['status'], '/home/me/.pi/agent/git/x'), 'local');
  assert.equal(side('git', ['status'], '/etc'), 'remote', 'a command goes where it wants');
});

/** Writes files of pi's directory and begins a session with it. @param {Record<string, string>} texts */
function beginWith(texts) {
  const agentDirectory = mkdtempSync(posix.join(tmpdir(), 'pii-agent-'));
  after(() => rmSync(agentDirectory, { recursive: true }));
  for (const [name, text] of Object.entries(texts)) writeFileSync(posix.join(agentDirectory, name), text);
  begin({ program: 'pi', outside: 'deny', pins: [agentDirectory], agentDirectory });
}

test('a command that prints a key of the laptop\'s configuration runs there, and no other', () => {
  beginWith({ 'models.json': '{ // by hand\n "apiKey": "!op read \\"op://a b\\"" }', 'auth.json': '{"x": "plain"}' });
  assert.equal(side('/bin/sh', ['-c', 'op read "op://a b"']), 'local');
  assert.equal(side('/bin/sh', ['-c', 'op read "op://a b"'], '/srv/app'), 'remote', 'in the project');
  assert.equal(side('/bin/sh', ['-c', 'op read op://other']), 'remote');
  assert.equal(side('/bin/sh', ['-c', 'plain']), 'remote');
});

test('an MCP server of the laptop\'s configuration runs there, if it is that and nothing more', () => {
  beginWith({ 'mcp.json': JSON.stringify({ mcpServers: { a: { command: '~/mcp/run', args: ['--stdio', '~/x'], env: { TOKEN: '!op x' } } } }) });
  const { env } = process;
  const pairs = (/** @type {Record<string, string>} */ more) => Object.entries({ ...env, ...more }).map(([name, value]) => `${name}=${value}`);
  const args = ['/home/remote/mcp/run', '--stdio', '/home/remote/x'];
  const is = (/** @type {string[]} */ words, /** @type {Record<string, string>} */ more) => {
    const command = { file: words[0], args: words, cwd: '/srv/app', envPairs: pairs(more) };
    seen.add(rowFor(command));
    return sideOf(command);
  };
  assert.equal(is(args, { TOKEN: 't' }), 'local');
  assert.equal(is(args, {}), 'local');
  assert.equal(is(args, { TOKEN: 't', LD_PRELOAD: '/x' }), 'remote');
  assert.equal(is([...args, 'more'], { TOKEN: 't' }), 'remote');
});

test('the editor stays on the laptop, a shell in EDITOR does not drag every shell there', () => {
  process.env.EDITOR = 'code --wait';
  assert.equal(side('code', ['--wait', '/home/me/x'], '/srv/app'), 'local');
  assert.equal(side('code', ['--wait', '-n'], '/srv/app'), 'local');
  assert.equal(side('code', ['--wait', 'x'], '/srv/app'), 'remote', 'the laptop has no such file');
  assert.equal(side('code', ['x'], '/srv/app'), 'remote');
  process.env.VISUAL = 'bash -c';
  assert.equal(side('bash', ['-c', 'ls'], '/srv/app'), 'remote');
  process.env.EDITOR = '  ';
  assert.equal(side('', [], '/srv/app'), 'remote');
});

test('the remote executes what the caller wrote', () => {
  for (const file of ['rg', './run', '/bin/sh', '/opt/homebrew/bin/bash', __filename, '/srv/app/bin/x', '/etc/passwd']) {
    assert.equal(remoteFile(file).toString(), file);
  }
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
