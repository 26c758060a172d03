// Open files: unlinked, renamed, truncated and replaced while open, shared with workers, forgotten.
import fs from 'node:fs';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import v8 from 'node:v8';
import vm from 'node:vm';
import { Worker } from 'node:worker_threads';

const say = (...values) => console.log(JSON.stringify(values));
const code = (action) => { try { return action() ?? 'done'; } catch (error) { return [error.code, error.syscall]; } };
/** What the process that does the work has open of the project, and how much it watches for fs.watch, which the mask tells. */
const held = () => execFileSync('sh', ['-c', 'ls -l /proc/$PPID/fd | grep -c "$PWD/"; cat /proc/$PPID/fdinfo/* 2>/dev/null | grep -c "^inotify.*mask:fc6 "'], { cwd: process.cwd() , encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\n').map(Number);
const countHeld = () => { try { return held(); } catch (error) { return error.stdout.trim().split('\n').map(Number); } };
const until = async (condition) => { const end = Date.now() + 10_000; while (!condition() && Date.now() < end) await new Promise((done) => setTimeout(done, 20)); return condition(); };
say('at first', countHeld());

const file = fs.openSync('file', 'w+');
fs.writeSync(file, 'hello world');
fs.unlinkSync('file');
say(fs.existsSync('file'), fs.fstatSync(file).nlink, fs.readFileSync('README.md').length > 0, fs.writeSync(file, '!'), fs.fstatSync(file).size);
const buffer = Buffer.alloc(20);
say(fs.readSync(file, buffer, 0, 20, 0), buffer.toString('utf8', 0, 12), fs.readSync(file, buffer, 0, 20, null), fs.readSync(file, buffer, 0, 5, 6), buffer.toString('utf8', 0, 5));
fs.closeSync(file);
say(code(() => fs.fstatSync(file)), code(() => fs.readSync(file, buffer)), code(() => fs.closeSync(file)), code(() => fs.ftruncateSync(file)), code(() => fs.fsyncSync(file)), code(() => fs.futimesSync(file, 1, 1)), code(() => fs.writevSync(file, [buffer])), code(() => fs.readFileSync(file)), code(() => fs.writeFileSync(file, '')));

fs.writeFileSync('old', 'content');
const renamed = fs.openSync('old', 'r+');
fs.renameSync('old', 'new');
fs.writeFileSync('old', 'another');
fs.writeSync(renamed, 'CON', 0);
say(fs.readFileSync('new', 'utf8'), fs.readFileSync('old', 'utf8'), fs.fstatSync(renamed).ino === fs.statSync('new').ino);
fs.truncateSync('new', 2);
say(fs.readSync(renamed, buffer, 0, 20, null), fs.readSync(renamed, buffer, 0, 20, 10), fs.fstatSync(renamed).size);
fs.ftruncateSync(renamed, 6);
say(fs.readFileSync('new').toString('hex'), fs.writeSync(renamed, 'end', 10), fs.readFileSync('new').toString('hex'));
fs.renameSync('old', 'new');
say(fs.fstatSync(renamed).nlink, fs.readFileSync('new', 'utf8'));
fs.closeSync(renamed);

const append = fs.openSync('log', 'a+');
fs.writeSync(append, 'one ');
fs.writeSync(append, 'two ', 0);
fs.appendFileSync('log', 'three ');
fs.appendFileSync(append, 'four');
say(fs.readFileSync('log', 'utf8'), fs.readSync(append, buffer, 0, 3, 0), buffer.toString('utf8', 0, 3));
fs.closeSync(append);
const readonly = fs.openSync('log', 'r');
const writeonly = fs.openSync('log', 'r+');
say(code(() => fs.writeSync(readonly, 'x')), code(() => fs.ftruncateSync(readonly)), code(() => fs.fchmodSync(readonly, 0o600)), fs.readvSync(writeonly, [Buffer.alloc(2), Buffer.alloc(100)]), fs.writevSync(writeonly, [Buffer.from('A'), Buffer.from('B')], 1), fs.readFileSync(readonly, 'utf8'), fs.readFileSync(readonly, 'utf8'));
fs.closeSync(readonly);
fs.closeSync(writeonly);
const same = [fs.openSync('log'), fs.openSync('log')];
say(fs.readSync(same[0], buffer, 0, 3), fs.readSync(same[1], buffer, 0, 20), same[0] !== same[1]);
same.forEach((one) => fs.closeSync(one));
say('closed', countHeld());

// Many at once, in any order.
const many = await Promise.all(Array.from({ length: 200 }, (_, at) => fs.promises.open(`many-${at}`, 'w+')));
say(countHeld()[0], new Set(many.map((one) => one.fd)).size);
await Promise.all(many.map((one, at) => one.write(`number ${at}`)));
say((await Promise.all(many.map((one) => one.read(Buffer.alloc(20), 0, 20, 0)))).map(({ bytesRead }) => bytesRead).reduce((sum, count) => sum + count));
await Promise.all(many.map((one) => one.close()));
say('many closed', countHeld());

// Workers: a descriptor is the process's; what a worker leaves is closed.
const shared = fs.openSync('shared', 'w+');
const work = `const fs = require('node:fs'); const { parentPort, workerData } = require('node:worker_threads');
  fs.writeSync(workerData, 'from the worker'); globalThis.left = [fs.openSync('README.md'), fs.openSync('long.txt')]; globalThis.dir = fs.opendirSync('.'); globalThis.watcher = fs.watch('src', () => {});
  fs.promises.open('README.md').then((handle) => { globalThis.handle = handle; parentPort.postMessage('open'); }); setInterval(() => {}, 1000);`;
const worker = new Worker(work, { eval: true, workerData: shared });
say(await once(worker, 'message'), fs.readFileSync('shared', 'utf8'), countHeld()[1]);
await worker.terminate();
say(await until(() => countHeld().join() === '1,0'), countHeld());
const ending = new Worker(`${work} setImmediate(() => process.exit(3));`.replace("parentPort.postMessage('open')", 'process.exit(3)'), { eval: true, workerData: shared });
say(await once(ending, 'exit'), await until(() => countHeld()[1] === 0));
fs.closeSync(shared);
const before = countHeld()[0];

// What is forgotten is closed when it is collected.
v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');
process.removeAllListeners('warning');
const warnings = new Set();
process.on('warning', (warning) => warnings.add(warning.name));
process.on('uncaughtException', (error) => warnings.add(error.code));
await (async () => { await fs.promises.open('README.md'); })();
await new Promise((done) => setTimeout(done, 10));
say(await until(() => { collect(); return countHeld()[0] === before; }), await until(() => warnings.size > 0), [...warnings]);

// Watches end with their watchers.
const watchers = ['src', 'README.md', 'src/parts'].map((path) => fs.watch(path, () => {}));
say(countHeld()[1]);
watchers.forEach((one) => one.close());
say(await until(() => countHeld()[1] === 0));
const stop = new AbortController();
const watching = (async () => { for await (const event of fs.promises.watch('src', { signal: stop.signal })) String(event); })();
await until(() => countHeld()[1] === 1);
stop.abort();
say(await watching.catch((error) => error.name), await until(() => countHeld()[1] === 0));
