// Options that newer Nodes brought, and arguments that look right and are not. An older Node shows that it ignores them.
import fs from 'node:fs';
import path from 'node:path';

const say = (...values) => console.log(JSON.stringify(values));
const attempt = async (act) => { try { return await act(); } catch (error) { return [error.name, error.code, error.message, error.syscall]; } };
const asked = (act) => new Promise((resolve) => act((error, value) => resolve(error ? [error.name, error.code] : typeof value)));

// Into a buffer of the caller's.
const size = fs.statSync('README.md').size;
for (const buffer of [Buffer.alloc(size + 9, 'x'), new Uint16Array(size), Buffer.alloc(size - 1), (length) => Buffer.alloc(length), () => 'none', 7]) {
  say(await attempt(() => fs.readFileSync('README.md', { buffer }).toString()), await attempt(() => fs.promises.readFile('README.md', { buffer, encoding: 'utf8' })));
  if (ArrayBuffer.isView(buffer)) say(Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength).subarray(0, size + 9).toString('latin1'));
}
// A signal that is aborted beforehand.
const options = { signal: AbortSignal.abort() };
for (const name of ['stat', 'lstat']) say(name, await asked((done) => fs[name]('README.md', options, done)), await attempt(async () => typeof await fs.promises[name]('README.md', options)));
// A flush that the program can see.
const { fsyncSync } = fs;
let flushes = 0;
fs.fsyncSync = (...args) => { flushes += 1; return fsyncSync(...args); };
for (const flush of [true, false, undefined]) fs.writeFileSync('made', 'text', { flush });
fs.appendFileSync('made', 'more', { flush: true });
fs.fsyncSync = fsyncSync;
say(flushes, fs.readFileSync('made', 'utf8'));
// Wrong arguments that look empty.
for (const mode of [{}, { [Symbol.toPrimitive]: () => 5 }, 8, '7']) say(await attempt(() => fs.accessSync('README.md', mode)), await attempt(() => fs.promises.access('README.md', mode)));
for (const recursive of ['1', 1, null]) say(await attempt(() => fs.watch('src', { recursive }).close()));
const handle = await fs.promises.open('README.md');
say(await attempt(() => handle.stat.call({})));
await handle.close();
// What excludes is meant from the caller's directory on, also from an absolute pattern.
const absolute = path.resolve('src/*');
for (const exclude of [['**/l*'], [path.resolve('src/l*')], ['src/l*'], ['../**/l*']]) say(exclude.length, fs.globSync?.(absolute, { exclude }).sort(), fs.globSync?.(absolute, { exclude, cwd: 'src' }).sort());
// Temporary directories are removed wherever the program has gone.
const home = process.cwd();
const made = fs.mkdtempDisposableSync?.('sync-');
const promised = await fs.promises.mkdtempDisposable?.('promised-');
process.chdir('src');
made?.remove();
await promised?.remove();
say(fs.existsSync(path.join(home, made?.path ?? 'none')), fs.existsSync(path.join(home, promised?.path ?? 'none')));
// A working directory that is gone is not made anew.
fs.mkdirSync('gone');
process.chdir('gone');
fs.rmdirSync('../gone');
say(await attempt(() => fs.mkdirSync('made', { recursive: true })), await attempt(() => fs.promises.mkdir('made', { recursive: true })));
