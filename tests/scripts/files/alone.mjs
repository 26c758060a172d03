// Functions that stand alone: openAsBlob, glob, statfs, lchown, lutimes, access, mkdtempDisposable, constants, Utf8Stream.
import fs from 'node:fs';
import fsp from 'node:fs/promises';
import { once } from 'node:events';

const say = (...values) => console.log(JSON.stringify(values, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)));
const told = (error) => [error.constructor.name, error.name, error.code, error.errno, error.syscall, error.path, error.message, Object.keys(error).join()];
const outcome = (action) => { try { return action() ?? 'done'; } catch (error) { return told(error); } };
const promised = (action) => Promise.resolve().then(action).then((value) => value ?? 'done', told);

// Blobs.
const blob = await fs.openAsBlob('long.txt', { type: 'text/plain' });
say(blob.constructor.name, blob.size, blob.type, (await blob.text()).length, (await blob.slice(10, 20).text()), (await blob.slice(-5).arrayBuffer()).byteLength);
let streamed = 0;
for await (const piece of blob.stream()) streamed += piece.length;
say(streamed, await promised(() => fs.openAsBlob('none')), await promised(() => fs.openAsBlob('README.md', { type: 5 })), await promised(() => fs.openAsBlob(5)));
const empty = await fs.openAsBlob('empty');
say(empty.size, await empty.text(), empty.type);
fs.writeFileSync('changing', 'before');
const changing = await fs.openAsBlob('changing');
say(await changing.text(), await promised(() => changing.arrayBuffer().then((bytes) => bytes.byteLength)));
say(typeof fs.openAsBlobSync);
if (fs.openAsBlobSync) say(await fs.openAsBlobSync('README.md').text(), outcome(() => fs.openAsBlobSync('none')));

// Globs.
if (fs.globSync) {
  const lists = [['**/*.js'], ['src/**'], ['src/parts/part?.js'], ['src/{last,parts/part1}.js'], ['link/*.js'], ['**/link/**'], ['none/*'], ['.*'], ['*.{txt,md}'], [['*.txt', 'src/*.js']], ['./src/../*.md'], ['../project/*.md'], [`${process.cwd()}/*.md`], [`${process.cwd()}/**/part1*`], ['with space/*'], ['[a-l]*.txt'], ['!(*.txt)'], ['src/'], ['src'], ['README.md'], [''], ['**'], ['**/'],
    ['*.js', { cwd: 'src' }], ['*.js', { cwd: new URL(`file://${process.cwd()}/src/`) }], ['**/*.js', { exclude: (name) => (typeof name === 'string' ? name : name.name).startsWith('part') }], ['**/*.js', { cwd: 'src', exclude: ['parts/**'] }], ['**/*.txt', { cwd: `${process.cwd()}/none` }]];
  for (const list of lists) {
    const sync = outcome(() => fs.globSync(...list).sort());
    const parts = await promised(async () => { const found = []; for await (const one of fsp.glob(...list)) found.push(one); return found.sort(); });
    const callback = await new Promise((done) => fs.glob(...list, (error, found) => done(error ? told(error) : found.sort())));
    say(list[0], sync.length > 30 ? sync.length : sync, JSON.stringify(sync) === JSON.stringify(parts), JSON.stringify(sync) === JSON.stringify(callback));
  }
  say(fs.globSync('src/*', { withFileTypes: true }).map((one) => [one.constructor.name, one.name, one.parentPath, one.isDirectory()]).sort());
  say(outcome(() => fs.globSync(5)), outcome(() => fs.globSync('*', { cwd: 5 })), outcome(() => fs.globSync('*', { exclude: 5 })), outcome(() => fsp.glob(5)));
}

// Metadata.
say(Object.entries(fs.statfsSync('.')).map(([key, value]) => [key, typeof value]), fs.statfsSync('.').constructor.name, typeof (await fsp.statfs('README.md', { bigint: true })).blocks, outcome(() => fs.statfsSync('none')), outcome(() => fs.statfsSync('README.md/x')));
fs.symlinkSync('none', 'dangling');
say(outcome(() => fs.lchownSync('dangling', 123, 456)), fs.lstatSync('dangling').uid, fs.lstatSync('dangling').gid, outcome(() => fs.lutimesSync('dangling', 5.25, 6.5)), fs.lstatSync('dangling').mtimeMs, await promised(() => fsp.lutimes('dangling', 7, 8)), fs.lstatSync('dangling', { bigint: true }).mtimeNs, await promised(() => fsp.lchown('dangling', 1, 2)), fs.lstatSync('dangling').uid);
say(outcome(() => fs.chownSync('dangling', 1, 1)), outcome(() => fs.utimesSync('dangling', 1, 1)), outcome(() => fs.lchownSync('none2', 1, 1)), outcome(() => fs.lutimesSync('none2', 1, 1)), await promised(() => fsp.lchmod?.('README.md', 0o600)), typeof fs.lchmod, typeof fs.lchmodSync, 'lchmod' in fs);
for (const time of [0, 1.0000001, 4294967296.5, '12.75', new Date(123456789)]) say(outcome(() => fs.utimesSync('README.md', time, time)), fs.statSync('README.md', { bigint: true }).mtimeNs, fs.statSync('README.md').mtimeMs === Number(fs.statSync('README.md').mtime));
for (const time of [NaN, Infinity, undefined, null, {}, 'x', 1n]) say(String(time), outcome(() => fs.utimesSync('README.md', time, 1)));
for (const mode of [0, 1, 2, 3, 4, 5, 6, 7, 8, -1, 1.5, '4', undefined, null]) say(mode, outcome(() => fs.accessSync('README.md', mode)), outcome(() => fs.accessSync('src', mode)), await promised(() => fsp.access('latin.txt', mode)));
for (const name of ['F_OK', 'R_OK', 'W_OK', 'X_OK']) say(name, typeof fs[name], fsp.constants[name]);
say(fsp.constants === fs.constants, Object.keys(fsp).sort(), Object.keys(fs).filter((name) => typeof fs[name] === 'function').sort());

// Temporary directories that remove themselves.
say(typeof fs.mkdtempDisposableSync, typeof fsp.mkdtempDisposable);
if (fs.mkdtempDisposableSync) {
  const made = fs.mkdtempDisposableSync('gone-');
  say(Object.keys(made), made.path.slice(0, 5), fs.existsSync(made.path), Reflect.ownKeys(made).map(String));
  fs.writeFileSync(`${made.path}/inside`, '');
  say(outcome(() => made[Symbol.dispose]()), fs.existsSync(made.path), outcome(() => made.remove()));
  const other = await fsp.mkdtempDisposable('gone2-');
  say(Object.keys(other), Reflect.ownKeys(other).map(String), other.path.startsWith('/'), fs.existsSync(other.path), await promised(() => other.remove()), fs.existsSync(other.path), await promised(() => other[Symbol.asyncDispose]()));
  say(outcome(() => fs.mkdtempDisposableSync('no/such-')).slice?.(0, 4), (await promised(() => fsp.mkdtempDisposable('no/such-'))).slice?.(0, 4), outcome(() => fs.mkdtempDisposableSync(5)), await promised(() => fsp.mkdtempDisposable(5)));
  const moved = fs.mkdtempDisposableSync('relative-');
  process.chdir('src');
  moved.remove();
  process.chdir('..');
  say(fs.existsSync(moved.path));
}

// A stream of text.
say(typeof fs.Utf8Stream);
if (fs.Utf8Stream) {
  const stream = new fs.Utf8Stream({ dest: 'log.txt', sync: false, minLength: 10 });
  await once(stream, 'ready');
  say(stream.write('first\n'), stream.write('ä'), stream.file, typeof stream.fd);
  stream.flushSync();
  say(fs.readFileSync('log.txt', 'utf8'));
  stream.write('last\n');
  stream.end();
  await once(stream, 'close');
  say(fs.readFileSync('log.txt', 'utf8'));
  const sync = new fs.Utf8Stream({ dest: 'deep/log.txt', mkdir: true, sync: true });
  sync.write('sync\n');
  sync.end();
  await once(sync, 'close');
  say(fs.readFileSync('deep/log.txt', 'utf8'));
  const [error] = await once(new fs.Utf8Stream({ dest: 'no/log.txt', sync: false }), 'error').catch((error) => [error]);
  say(told(error));
}

// Handles.
{
  await using handle = await fsp.open('README.md');
  say(handle.constructor.name, (await handle.stat()).isFile(), Object.getOwnPropertyNames(Object.getPrototypeOf(handle)).length > 0, handle instanceof fs.Dir, typeof handle.fd);
  const web = handle.readableWebStream();
  let length = 0;
  for await (const piece of web) length += piece.byteLength;
  say(length);
}
const dir = await fsp.opendir('src/parts', { bufferSize: 2 });
say(dir.path, dir.constructor.name, dir instanceof fs.Dir);
const names = [];
for (let one = await dir.read(); one; one = await dir.read()) names.push(one.name);
say(names.length, await promised(() => dir.close()), await promised(() => dir.close()), await promised(() => dir.read()), outcome(() => dir.readSync()), outcome(() => dir.closeSync()));
for (const bufferSize of [0, -1, 1.5, 'x', null, 1, 3, 1000]) say(bufferSize, outcome(() => { const open = fs.opendirSync('src', { bufferSize }); const all = []; for (let one = open.readSync(); one; one = open.readSync()) all.push(one.name); open.closeSync(); return all.sort(); }));
say(await new Promise((done) => fs.opendir('src', async (error, open) => { const all = []; for await (const one of open) all.push([one.name, one.parentPath, one.isFile()]); done(all.sort()); })));
const twice = fs.opendirSync('src');
say(await new Promise((done) => { const got = []; const push = (error, one) => { got.push(error ? error.code : typeof one.name); if (got.length === 2) done(got); }; twice.read(push); twice.read(push); }), outcome(() => twice.readSync()?.constructor.name ?? 'end'));
twice.closeSync();
