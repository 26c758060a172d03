// Paths by their ends: a slash where something would be made, `..`, nothing at all; and what a call leaves when it fails.
import fs from 'node:fs';

const say = (...values) => console.log(JSON.stringify(values));
const code = (action) => { try { return action() ?? 'done'; } catch (error) { return [error.code, error.syscall, error.message]; } };
const later = (promise) => promise.then(() => 'done', (error) => [error.code, error.syscall, error.path]);

fs.mkdirSync('a/inner', { recursive: true });
fs.writeFileSync('a/file', 'text');
fs.symlinkSync(`${process.cwd()}/a`, 'absolute');
fs.symlinkSync(`${process.cwd()}/new/`, 'slashed');
fs.symlinkSync('loop', 'a/loop');
for (const path of ['slashed', 'absolute/new/', 'absolute/file/', 'absolute/loop/', 'absolute/none/new/', 'absolute/file/.', 'a/file/', 'a/..']) {
  for (const flag of ['w', 'wx', 'a', 'r+', 'r']) say(path, flag, code(() => fs.closeSync(fs.openSync(path, flag))));
}
say(fs.readdirSync('a'), fs.existsSync('new'));

say(['', Buffer.alloc(0)].map((path) => [code(() => fs.realpathSync(path) === process.cwd()), code(() => fs.realpathSync.native(path)), code(() => fs.statSync(path))]));
for (const to of ['a/..', 'a/inner/..', 'absolute/..']) say(to, await later(fs.promises.cp('a', to, { recursive: true, dereference: true })));

fs.symlinkSync('nothing', 'dangling');
for (const force of [true, false]) say(await later(fs.promises.rm('dangling/', { force })), code(() => fs.rmSync('dangling/', { force })));
for (const size of [1, 524_288, 524_289]) {
  fs.writeFileSync('unreadable', Buffer.alloc(size));
  say(size, code(() => fs.readFileSync('unreadable', { flag: 'a' })), await later(fs.promises.readFile('unreadable', { flag: 'a' })));
}

for (const options of [{ flag: 'r' }, { flag: 'r', flush: true }]) {
  say(code(() => fs.writeFileSync('a/file', '', options)), await later(fs.promises.writeFile('a/file', '', options)));
  say(await new Promise((done) => { fs.writeFile('a/file', '', options, (error) => done(error?.message)); }));
}

// Emptied once more, an empty file is changed now.
fs.writeFileSync('empty', '');
fs.utimesSync('empty', 1, 1);
fs.truncateSync('empty');
say(fs.statSync('empty').mtimeMs > 1000);

// From the laptop's disk, when the project is remote: the copy that failed has changed the other name of its target.
fs.writeFileSync('target', 'text', { mode: 0o600 });
fs.linkSync('target', 'other');
say(code(() => fs.copyFileSync('/etc', 'target')), fs.existsSync('target'), fs.statSync('other').mode.toString(8), fs.readFileSync('other', 'utf8'));
