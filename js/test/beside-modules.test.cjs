'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');

test('a cache of compiled code is not written to the laptop under the remote\'s name', (t) => {
  const disk = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'pii-cache-')));
  t.after(() => fs.rmSync(disk, { recursive: true, force: true }));
  // The laptop has a directory of that name too: what is seen at ROOT lies elsewhere.
  const root = path.join(disk, 'root');
  fs.mkdirSync(root);
  fs.mkdirSync(path.join(disk, 'far'));
  const script = `const { status, message } = require('node:module').enableCompileCache('${root}/cache');
    console.log(status === require('node:module').constants.compileCacheStatus.FAILED, message)`;
  const env = { ...process.env, FAKE_ROOT: root, FAKE_DISK: path.join(disk, 'far') };
  const said = execFileSync(process.execPath, ['--require', path.join(__dirname, 'fake-preload.cjs'), '-e', script], { env, cwd: disk, encoding: 'utf8' });
  assert.equal(said, `true ${root}/cache: compiled code cannot be kept on the remote\n`);
  assert.deepEqual(fs.readdirSync(root), []);
});
