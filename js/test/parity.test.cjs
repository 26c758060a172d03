'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');

const run = promisify(execFile);
const ROOT = '/srv/pii-far';

/** @param {import('node:test').TestContext} t @param {string} name */
function directory(t, name) {
  const made = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), `pii-${name}-`)));
  t.after(() => fs.rmSync(made, { recursive: true, force: true }));
  return made;
}

/** What a program prints on the laptop's disk at `disk`. @param {string} program @param {string} disk */
async function printedHere(program, disk) {
  const { stdout, stderr } = await run(process.execPath, ['--no-warnings', program], { cwd: disk, maxBuffer: 1 << 26 });
  return (stdout + stderr).replaceAll(disk, 'ROOT').replaceAll(ROOT, 'ROOT');
}

/** What it prints through the preload, `disk` being seen at ROOT. @param {string} program @param {string} disk @param {string} mirrors Where the real cwd lies. */
async function printedThere(program, disk, mirrors) {
  const preload = path.join(__dirname, 'fake-preload.cjs');
  const env = { ...process.env, FAKE_ROOT: ROOT, FAKE_DISK: disk, FAKE_MIRRORS: mirrors };
  const cwd = path.join(mirrors, ROOT);
  fs.mkdirSync(cwd, { recursive: true });
  const { stdout, stderr } = await run(process.execPath, ['--no-warnings', '--require', preload, program], { cwd, env, maxBuffer: 1 << 26 });
  return (stdout + stderr).replaceAll(ROOT, 'ROOT');
}

test('every operation of fs gives what it gives on the laptop', { timeout: 120_000 }, async (t) => {
  const program = path.join(__dirname, 'parity-program.cjs');
  const here = await printedHere(program, directory(t, 'here'));
  const there = await printedThere(program, directory(t, 'there'), directory(t, 'cwd'));
  const expected = here.split('\n');
  there.split('\n').forEach((line, at) => assert.equal(line, expected[at], `line ${at + 1}`));
  assert.equal(there, here);
});

/** A package with everything Node's loader has to find. @param {string} disk */
function modulePackage(disk) {
  /** @type {Record<string, string>} */
  const files = {
    'package.json': '{"name":"self","type":"module","exports":{".":"./main.js","./lib":"./lib/a.js"},"imports":{"#x":"./lib/x.js","#dep":"dual"}}',
    'data.json': '{"v":1}',
    'lib/a.js': 'export const a = "a";',
    'lib/x.js': 'export default "x";',
    'old/package.json': '{}',
    'old/plain.js': 'exports.main = require.main === module; exports.file = __filename;',
    'old/sniffed.js': 'export const u = await 1;',
    'old/typed.ts': 'const x: number = 3; export { x };',
    'old/typed-old.ts': 'const y: string = "y"; module.exports = { y };',
    'old/native.node': '',
    'node_modules/cjs/index.js': 'module.exports = { file: __filename, other: require.resolve("./other"), y: require("./other").y, json: require("../../data.json") };',
    'node_modules/cjs/other.js': 'exports.y = 1;',
    'node_modules/esm/package.json': '{"type":"module","main":"m"}',
    'node_modules/esm/m.js': 'export const e = 1;',
    'node_modules/dual/package.json': '{"exports":{".":{"import":"./i.mjs","require":"./r.cjs"},"./p/*":"./*.mjs","./no/*":null}}',
    'node_modules/dual/i.mjs': 'export default "import";',
    'node_modules/dual/r.cjs': 'module.exports = "require";',
    'main.js': `
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import x from '#x'; import dep from '#dep'; import { a } from 'self/lib'; import cjs from 'cjs'; import { e } from 'esm'; import pi from 'dual/p/i';
import data from './data.json' with { type: 'json' };
const require = createRequire(import.meta.url);
await 0;
console.log(process.argv[1], import.meta.url, import.meta.filename, process.cwd());
console.log({ x, dep, a, cjs, e, pi, data }, readFileSync('data.json', 'utf8'));
console.log(require('dual'), require('./data.json'), require.resolve('cjs'), import.meta.resolve('dual'), require('./old/plain'));
console.log((await import('./old/typed.ts')).x, (await import('./old/sniffed.js?q=1')).u, require('./old/typed-old.ts').y, require('./old/sniffed.js') === undefined);
`.replace(", require('./old/sniffed.js') === undefined", ''),
    'failing.mjs': `
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
for (const name of ['./nope.js', 'nope', 'dual/x', 'dual/no/i', './data.json', '#no', './lib', 'node:nope']) {
  await import(name).catch((error) => console.log(name, error.code, error.message));
  try { require(name); console.log(name, 'found'); } catch (error) { console.log(name, error.code, error.message.split('\\n')[0]); }
}
`,
  };
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(disk, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
}

for (const program of ['main.js', 'failing.mjs', 'old/plain.js', 'old/plain', 'old/typed.ts', 'old/sniffed.js']) {
  test(`the module ${program} runs as on the laptop`, async (t) => {
    const disk = directory(t, 'modules');
    modulePackage(disk);
    assert.equal(await printedThere(program, disk, directory(t, 'cwd')), await printedHere(program, disk));
    assert.equal(await printedThere(`${ROOT}/${program}`, disk, directory(t, 'cwd')), await printedHere(program, disk));
  });
}

test('a native addon of the remote is refused', async (t) => {
  const disk = directory(t, 'modules');
  modulePackage(disk);
  fs.writeFileSync(path.join(disk, 'old/asks.js'), 'try { require("./native.node"); } catch (error) { console.log(error.code); }');
  assert.equal(await printedThere('old/asks.js', disk, directory(t, 'cwd')), 'ERR_DLOPEN_FAILED\n');
});

test('a worker sees the remote whatever its environment', async (t) => {
  const disk = directory(t, 'worker');
  fs.writeFileSync(path.join(disk, 'seen'), 'seen');
  fs.writeFileSync(path.join(disk, 'w.cjs'), 'require("worker_threads").parentPort.postMessage([process.cwd(), require("fs").readFileSync("seen", "utf8")]);');
  fs.writeFileSync(path.join(disk, 'main.cjs'), `
const { Worker } = require('node:worker_threads');
for (const options of [{}, { env: {} }, { execArgv: [] }]) new Worker('./w.cjs', options).on('message', (told) => console.log(...told));
`);
  assert.equal(await printedThere('main.cjs', disk, directory(t, 'cwd')), 'ROOT seen\n'.repeat(3));
});

test('files are copied across the border and not renamed over it', async (t) => {
  const disk = directory(t, 'across');
  const here = directory(t, 'laptop');
  fs.mkdirSync(path.join(here, 'tree/inner'), { recursive: true });
  fs.writeFileSync(path.join(here, 'tree/inner/file'), Buffer.alloc(2_500_000, 'x'), { mode: 0o755 });
  fs.writeFileSync(path.join(disk, 'main.cjs'), `
const fs = require('node:fs');
const here = ${JSON.stringify(here)};
fs.cpSync(here + '/tree', 'copy', { recursive: true });
console.log(fs.statSync('copy/inner/file').size, (fs.statSync('copy/inner/file').mode & 0o777).toString(8));
for (const act of [() => fs.renameSync('copy', here + '/moved'), () => fs.linkSync(here + '/tree/inner/file', 'linked'), () => fs.copyFileSync('none', here + '/none')]) {
  try { act(); } catch (error) { console.log(error.code, error.syscall, error.errno); }
}
fs.promises.cp('copy', here + '/back', { recursive: true }).then(() => console.log(fs.statSync(here + '/back/inner/file').size));
`);
  assert.equal(await printedThere('main.cjs', disk, directory(t, 'cwd')),
    '2500000 755\nEXDEV rename -18\nEXDEV link -18\nENOENT copyfile -2\n2500000\n');
});
