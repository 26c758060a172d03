// What the program's umask leaves of the modes of all that it makes.
import fs from 'node:fs';
import { once } from 'node:events';

const say = (...values) => console.log(JSON.stringify(values));
const code = (action) => { try { return action() ?? 'done'; } catch (error) { return [error.code, error.message]; } };
const mode = (path) => (fs.lstatSync(path).mode & 0o7777).toString(8);

fs.mkdirSync('from/sub', { recursive: true });
for (const [name, bits] of [['from/plain', 0o666], ['from/tool', 0o755], ['from/closed', 0o600], ['from/sub/open', 0o777]]) {
  fs.writeFileSync(name, name);
  fs.chmodSync(name, bits);
}
fs.chmodSync('from/sub', 0o2775);

/** Everything that makes something, under one umask. */
async function all() {
  fs.mkdirSync('directory');
  fs.mkdirSync('of-mode', 0o750);
  fs.mkdirSync('of-text', { mode: '0707' });
  fs.mkdirSync('sticky', 0o1777);
  fs.mkdirSync('deep/er/still', { recursive: true });
  fs.mkdirSync('deep-of-mode/er', { recursive: true, mode: 0o711 });
  await fs.promises.mkdir('promised/too', { recursive: true });
  await new Promise((resolve) => fs.mkdir('called', 0o777, resolve));
  fs.writeFileSync('file', '');
  fs.writeFileSync('file-of-mode', '', { mode: 0o777 });
  fs.appendFileSync('appended', '', { mode: 0o660 });
  await fs.promises.writeFile('file-promised', 'x', { mode: 0o642 });
  fs.closeSync(fs.openSync('opened', 'w', 0o4755));
  await (await fs.promises.open('handled', 'wx+', 0o606)).close();
  const stream = fs.createWriteStream('streamed', { mode: 0o764 });
  stream.end('streamed');
  await once(stream, 'close');
  fs.writeFileSync('from/plain', 'an old file keeps its mode', { mode: 0o777 });
  fs.copyFileSync('from/tool', 'copied');
  await fs.promises.copyFile('from/closed', 'copied-closed');
  fs.copyFileSync('from/plain', 'file');
  fs.cpSync('from', 'tree', { recursive: true });
  await fs.promises.cp('from/sub', 'tree-promised', { recursive: true, preserveTimestamps: true });
  fs.symlinkSync('directory', 'linked');
  fs.mkdirSync('linked/through');
  fs.linkSync('from/tool', 'hard');
  fs.renameSync('of-mode', 'renamed');
  const made = [fs.mkdtempSync('tmp-'), await fs.promises.mkdtemp('tmp-')];
  return made;
}

const NAMES = [
  'directory', 'renamed', 'of-text', 'sticky', 'deep', 'deep/er', 'deep/er/still', 'deep-of-mode', 'deep-of-mode/er', 'promised', 'promised/too', 'called',
  'file', 'file-of-mode', 'appended', 'file-promised', 'opened', 'handled', 'streamed', 'from/plain', 'copied', 'copied-closed', 'tree', 'tree/tool',
  'tree/sub', 'tree/sub/open', 'tree-promised', 'tree-promised/open', 'linked', 'directory/through', 'hard',
];

for (const mask of [undefined, 0o027, 0o077, '002', 0, 0o777]) {
  const before = mask === undefined ? process.umask() : process.umask(mask);
  const made = await all();
  say(mask ?? 'as it was', before, NAMES.map((name) => `${name} ${mode(name)}`), made.map(mode));
  for (const name of [...made, ...NAMES.filter((name) => !name.includes('/') && name !== 'from')]) fs.rmSync(name, { recursive: true, force: true });
}
process.umask(0o22);

// What is no umask.
for (const mask of ['9', 'x', -1, 0o1777, 4.5, null, {}, 2 ** 32]) say(String(mask), code(() => process.umask(mask)), process.umask());
process.umask(0o22);

// Directories that cannot be entered.
fs.symlinkSync('circle', 'circle');
fs.symlinkSync('from/plain', 'to-file');
fs.symlinkSync('nowhere', 'dangling');
const at = process.cwd();
for (const to of ['none', 'none/below', 'from/plain', 'from/plain/x', 'to-file', 'circle', 'dangling', '', 'x'.repeat(300), 5, undefined, null, Buffer.from('from'), 'from\0x']) {
  say(String(to).slice(0, 20), code(() => process.chdir(to)), process.cwd() === at);
  process.chdir(at);
}
for (const to of ['from/../from/./sub/', 'sub', '.', 'from/..', `${at}//from`]) {
  process.chdir(at);
  say(to, code(() => process.chdir(to)), process.cwd().slice(at.length));
}
process.chdir(at);
fs.symlinkSync('from/sub', 'short');
process.chdir('short');
say(process.cwd().slice(at.length), fs.readdirSync('..').length);
