// Modules of the project, by every way Node has to load one.
import fs from 'node:fs';
import module, { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

const root = process.cwd();
const say = (...values) => console.log(JSON.stringify(values)?.replaceAll(process.version, 'VERSION'));
const told = (error) => [error?.name, error?.code, String(error?.message).split('\n')[0]];
const outcome = (act) => { try { return act() ?? 'done'; } catch (error) { return told(error); } };
const promised = (act) => Promise.resolve().then(act).then((value) => value ?? 'done', told);

const files = {
  'package.json': { name: 'self', type: 'module', exports: { '.': './main.js', './lib/*': './lib/*.js', './data': './data.json', './private/*': null, './only-require': { require: './only.cjs' }, './both': { import: './lib/a.js', require: './only.cjs', default: './none.js' } }, imports: { '#x': './lib/x.js', '#dep': 'dual', '#dep/*': 'dual/*', '#cond': { node: './lib/x.js', default: './none.js' }, '#out': '../out.js', '#missing': './lib/missing.js' } },
  'main.js': 'export const main = import.meta.url; export { a } from "self/lib/a"; export default import.meta.main;',
  'data.json': { v: 1 }, 'bad.json': '{"v":', 'bad.js': 'export const = 1;', 'throws.js': 'throw new TypeError("from the module");', 'only.cjs': 'exports.only = __filename;',
  'lib/a.js': 'export const a = "a"; export const meta = [import.meta.url, import.meta.filename, import.meta.dirname, import.meta.resolve("self/lib/x"), import.meta.resolve("./none.js"), import.meta.resolve("dual")];', 'lib/x.js': 'export default "x";',
  'cycle/a.mjs': 'import { b } from "./b.mjs"; export const a = "a"; export const fromB = () => b;', 'cycle/b.mjs': 'import { a } from "./a.mjs"; export const b = "b"; export const fromA = () => a;',
  'cycle/c.cjs': 'exports.early = 1; exports.d = require("./d.cjs").seen; exports.late = 2;', 'cycle/d.cjs': 'exports.seen = { ...require("./c.cjs") };',
  'tla.mjs': 'export const value = await Promise.resolve(7);', 'wasm.wasm': Buffer.from('0061736d0100000001050160000160037f', 'hex'),
  'dir/index.js': 'module.exports = "index";', 'dir/package.json': {}, 'main-dir/package.json': { main: './lib/start' }, 'main-dir/lib/start.cjs.js': '', 'main-dir/lib/start.js': 'module.exports = "start";',
  'old/package.json': { type: 'commonjs' }, 'old/plain.js': 'exports.names = [__filename, __dirname, module.id === __filename, require.main === module, module.paths.slice(0, 2), module.parent?.filename ?? null, typeof require.cache[__filename], module.children.length]; exports.this = this === exports;',
  'old/hashbang.js': '#!/usr/bin/env node\nmodule.exports = "bang";', 'old/marked.js': '\ufeffmodule.exports = "marked";', 'old/needs-esm.js': 'module.exports = require("../lib/x.js").default;', 'old/no-extension': 'module.exports = "no extension";', 'old/.js/index.js': 'module.exports = "dot";', 'old/json5.json5': 'module.exports = "as js";',
  'old/native.node': 'no binary', 'sniff/a.js': 'export const sniffed = 1;', 'sniff/b.js': 'exports.sniffed = 2;', 'sniff/package.json': {},
  'types/a.ts': 'interface A { a: string }\nexport const typed: A = { a: "typed" };', 'types/c.cts': 'const n: number = 4; exports.n = n;', 'types/m.mts': 'export const m: string = "m"; export type T = string;', 'types/enum.ts': 'enum E { A }\nexport const e = E.A;', 'types/bad.ts': 'const: = 5',
  'types/node_modules/typed/package.json': { main: 'index.ts' }, 'types/node_modules/typed/index.ts': 'export const x: number = 1;',
  'node_modules/dual/package.json': { name: 'dual', version: '1.2.3', exports: { '.': { import: './esm.mjs', require: './cjs.cjs' }, './sub': './sub.cjs', './package.json': './package.json', './feature/*.js': './f/*.js', './feature/internal/*': null, './array': [{ unknown: './x' }, './sub.cjs'], './bad': 'no-dot', './up': './../x.js' } },
  'node_modules/dual/esm.mjs': 'export default "esm"; export const where = import.meta.url;', 'node_modules/dual/cjs.cjs': 'module.exports = "cjs";', 'node_modules/dual/sub.cjs': 'exports.sub = __filename;', 'node_modules/dual/f/one.js': 'module.exports = 1;',
  'node_modules/@scope/pkg/package.json': { name: '@scope/pkg', main: 'lib' }, 'node_modules/@scope/pkg/lib/index.js': 'exports.scoped = require.resolve("dual"); exports.json = require("./x.json"); exports.named = 1;', 'node_modules/@scope/pkg/lib/x.json': { x: 1 },
  'node_modules/plain.js': 'module.exports = "plain file";', 'node_modules/broken/package.json': '{', 'node_modules/nomain/package.json': { main: 'none.js' }, 'node_modules/nomain/index.js': 'module.exports = "fallback";',
  'store/linked/package.json': { name: 'linked' }, 'store/linked/index.js': 'exports.file = __filename; try { exports.dep = require("dep"); } catch (error) { exports.dep = error.code; }', 'store/node_modules/dep/index.js': 'module.exports = "of the store";',
  'worker.mjs': 'import { parentPort, workerData, isMainThread, threadId } from "node:worker_threads"; import fs from "node:fs"; import { a } from "self/lib/a"; parentPort.postMessage([isMainThread, workerData, a, process.cwd(), fs.readdirSync("cycle").length, import.meta.url, process.argv.slice(1)]);',
  'worker.cjs': 'const { parentPort } = require("node:worker_threads"); parentPort.postMessage([__filename, require("./old/plain.js").names[0], require.main === module]);',
  'worker.ts': 'import { parentPort } from "node:worker_threads"; const x: string = "typed worker"; parentPort!.postMessage(x);',
};
for (const [name, content] of Object.entries(files)) {
  fs.mkdirSync(path.dirname(name), { recursive: true });
  fs.writeFileSync(name, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
}
fs.symlinkSync('../store/linked', 'node_modules/linked');
fs.symlinkSync('lib', 'lib-link');

const require = createRequire(`${root}/lib/asking.js`);
const here = (name) => pathToFileURL(`${root}/${name}`).href;
for (const name of ['../old/plain.js', '../old/plain', '../old/hashbang', '../old/marked', '../old/needs-esm.js', '../old/no-extension', '../old/json5.json5', '../old', '../dir', '../dir/', '../dir/.', '..', '../main-dir', '../data', '../data.json', '../bad.json', '../bad.js', '../throws.js', './x.js', './x', '../tla.mjs', 'dual', 'dual/sub', 'dual/package.json', 'dual/feature/one.js', 'dual/feature/two.js', 'dual/feature/internal/x.js', 'dual/array', 'dual/bad', 'dual/up', 'dual/none', '@scope/pkg', '@scope/pkg/lib/x', '@scope/none', 'plain', 'broken', 'nomain', 'linked', 'none', 'self', 'self/lib/a', 'self/data', 'self/none', 'self/private/x', 'self/only-require', 'self/both', '#x', '#dep', '#dep/sub', '#cond', '#out', '#missing', '#none', '#', `${root}/lib/x.js`, '../lib-link/x.js', '../sniff/a', '../sniff/b', '../cycle/c.cjs', '../cycle/a.mjs', '../wasm.wasm', '', '.', './', '/', 'node:fs', 'fs', 'node:none', 5, undefined, '../types/a.ts', '../types/c.cts', '../types/m.mts', '../types/enum.ts', '../types/bad.ts', '../types/a', '../types/node_modules/typed']) {
  const loaded = outcome(() => { const value = require(name); return typeof value === 'function' || name === 'fs' || name === 'node:fs' ? typeof value : Object.prototype.toString.call(value) === '[object Module]' ? { esm: Object.keys(value) } : value; });
  say('require', name, loaded, outcome(() => require.resolve(name)));
}
say(outcome(() => require.resolve('dual', { paths: [root] })), outcome(() => require.resolve('./a.js', { paths: [`${root}/lib`] })), outcome(() => require.resolve('dep', { paths: [`${root}/store/linked`] })), outcome(() => require.resolve('dep', { paths: [`${root}/lib`] })), outcome(() => require.resolve('fs', { paths: [root] })), outcome(() => require.resolve('dual', { paths: ['relative'] })), outcome(() => require.resolve.paths('dual').slice(0, 4)), outcome(() => require.resolve.paths('./x')), outcome(() => require.resolve.paths('fs')));
for (const name of ['lib/a.js', 'lib/x.js?query#hash', 'lib/x', 'lib', 'lib/', 'main.js', 'tla.mjs', 'cycle/a.mjs', 'cycle/c.cjs', 'old/plain.js', 'sniff/a.js', 'sniff/b.js', 'data.json', 'bad.js', 'throws.js', 'none.js', 'none/none.js', 'types/a.ts', 'types/c.cts', 'types/m.mts', 'types/enum.ts', 'types/bad.ts', 'types/a', 'old/no-extension', 'old/json5.json5', 'lib-link/a.js', 'with space/ä name.mjs', 'node_modules/@scope/pkg/lib/index.js']) {
  if (name.startsWith('with')) fs.writeFileSync(name, 'export const strange = import.meta.url;');
  say('import', name, await promised(async () => { const loaded = await import(here(name)); return Object.fromEntries(Object.entries(loaded).map(([key, value]) => [key, typeof value === 'function' ? 'function' : value])); }));
}
say(await promised(async () => (await import(here('data.json'), { with: { type: 'json' } })).default), await promised(() => import(here('lib/a.js'), { with: { type: 'json' } })), await promised(() => import(here('data.json'), { with: { type: 'css' } })), await promised(() => import(here('bad.json'), { with: { type: 'json' } })));
fs.writeFileSync('asks.mjs', `const promised = (act) => Promise.resolve().then(act).then((value) => value ?? 'done', (error) => [error.name, error.code, error.message.split('\\n')[0]]);
export const asked = []; export const resolved = [];
for (const name of ${JSON.stringify(['dual', 'dual/sub', 'dual/none', 'dual/feature/one.js', '@scope/pkg', 'nomain', 'plain', 'linked', 'none', 'self', 'self/lib/a', 'self/none', 'self/only-require', 'self/both', '#x', '#dep', '#cond', '#out', '#missing', '#none', './lib/x.js', './lib', '/none', 'data:text/javascript,export default 5', 'http://x/y.js', 'node:fs', './a%2fb.js', './%6cib/x.js', '../out.js'])}) {
  asked.push([name, await promised(async () => Object.keys(await import(name)).slice(0, 3))]);
  try { resolved.push([name, import.meta.resolve(name)]); } catch (error) { resolved.push([name, error.code, error.message.split('\\n')[0]]); }
}`);
const asks = await import(here('asks.mjs'));
for (const one of asks.asked) say('bare', one);
for (const one of asks.resolved) say('resolve', one);
say(require('../old/plain.js').this, require('../old/plain.js') === (await import(here('old/plain.js'))).default, Object.keys(require.cache).filter((name) => name.startsWith(root)).length > 10, require.extensions !== undefined);
delete require.cache[`${root}/old/plain.js`];
fs.appendFileSync('old/plain.js', '\nexports.again = 1;');
say(require('../old/plain.js').again);

// What stands beside the loaders.
say(outcome(() => module.findPackageJSON?.('..', here('lib/a.js'))), outcome(() => module.findPackageJSON?.('dual', here('lib/a.js'))), outcome(() => module.findPackageJSON?.(here('lib/a.js'))), outcome(() => module.findPackageJSON?.('none', here('lib/a.js'))), outcome(() => module.findPackageJSON?.('@scope/pkg', `${root}/lib/a.js`)));
say(process.getBuiltinModule('fs').readFileSync('data.json', 'utf8'), process.getBuiltinModule('node:fs') === fs, process.getBuiltinModule('none') ?? null, createRequire(here('lib/'))('./x.js').default, outcome(() => createRequire('relative')), module.isBuiltin('fs'), outcome(() => module.createRequire(new URL(here('lib/x.js'))).resolve('./a.js')));
say(outcome(() => process.dlopen({ exports: {} }, `${root}/old/native.node`)).slice?.(0, 2));

// Workers.
const answer = (make) => new Promise((resolve) => { let worker; try { worker = make(); } catch (error) { resolve(told(error)); return; } worker.once('message', resolve).once('error', (error) => resolve(told(error))).once('exit', (code) => resolve(['exit', code])); });
say(await answer(() => new Worker('./worker.mjs', { workerData: 'data', argv: ['word'] })), await answer(() => new Worker(`${root}/worker.cjs`)), await answer(() => new Worker(new URL(here('worker.mjs')))), await answer(() => new Worker('./none.mjs')), await answer(() => new Worker('worker.mjs')), await answer(() => new Worker(new URL(here('worker.ts')))));
say(await answer(() => new Worker('const { parentPort } = require("node:worker_threads"); parentPort.postMessage([require("fs").readFileSync("data.json", "utf8"), process.cwd(), __filename])', { eval: true })), await answer(() => new Worker('import("./lib/x.js").then((x) => require("node:worker_threads").parentPort.postMessage(x.default), (e) => require("node:worker_threads").parentPort.postMessage(e.code))', { eval: true })), await answer(() => new Worker(new URL('data:text/javascript,import { parentPort } from "node:worker_threads"; parentPort.postMessage(process.cwd())'))), await answer(() => new Worker('require("node:worker_threads").parentPort.postMessage(require("./old/plain.js").names[0])', { eval: true, execArgv: [], env: {} })));
