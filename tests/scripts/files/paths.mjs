// Names and paths at the edges: bytes that are no UTF-8, the longest names and paths, loops, NUL, slashes at the end.
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';

const say = (...values) => console.log(JSON.stringify(values, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)));
const short = (text) => (typeof text === 'string' && text.length > 200 ? `${text.length}:${text.slice(0, 20)}…${text.slice(-60)}` : text);
const told = (error) => [error.name, error.code, error.errno, error.syscall, short(error.path), short(error.dest), short(error.message), Object.keys(error).join()];
const outcome = (action) => { try { return action() ?? 'done'; } catch (error) { return told(error); } };
const promised = (action) => action().then((value) => value ?? 'done', told);

const raw = Buffer.from('b\xe9\xff-\x80.bin', 'latin1');
fs.writeFileSync(raw, 'raw');
say(fs.readFileSync(raw, 'latin1'), fs.statSync(raw).size, fs.existsSync(raw), fs.existsSync('b\ufffd'));
say(fs.readdirSync('.', 'buffer').filter((name) => name[0] === 98).map((name) => name.toString('hex')).sort());
say(fs.readdirSync('.').filter((name) => name.startsWith('b')).sort());
say(fs.readdirSync('.', { withFileTypes: true, encoding: 'buffer' }).filter(({ name }) => name.equals(raw)).length);
fs.mkdirSync(Buffer.concat([raw, Buffer.from('.d')]));
fs.writeFileSync(Buffer.concat([raw, Buffer.from('.d/'), raw]), 'deep');
say(fs.readdirSync(Buffer.concat([raw, Buffer.from('.d')]), { encoding: 'latin1' }));
if (Number(process.versions.node.split('.')[0]) >= 26) say(fs.readdirSync('.', { recursive: true, encoding: 'buffer' }).map(String).filter((name) => name.startsWith('b')).sort());
if (Number(process.versions.node.split('.')[0]) >= 26) say(outcome(() => fs.readdirSync('.', { recursive: true, encoding: 'latin1' }).filter((name) => name.startsWith('b')).sort()));
fs.symlinkSync(raw, Buffer.from('\xfelink', 'latin1'));
say(fs.readlinkSync(Buffer.from('\xfelink', 'latin1'), 'hex'), fs.readFileSync(Buffer.from('\xfelink', 'latin1'), 'utf8'));
say(outcome(() => fs.realpathSync(Buffer.from('\xfelink', 'latin1'), 'latin1').slice(-10)), fs.realpathSync.native(Buffer.from('\xfelink', 'latin1'), 'buffer').subarray(-8).toString('hex'));
fs.renameSync(raw, Buffer.from('\xfdmoved', 'latin1'));
fs.copyFileSync(Buffer.from('\xfdmoved', 'latin1'), raw);
fs.linkSync(raw, Buffer.from('\xfchard', 'latin1'));
say(fs.statSync(raw).nlink, outcome(() => fs.statSync(Buffer.from('\xf0none', 'latin1'))), outcome(() => fs.rmdirSync(raw)));
say(await promised(() => fs.promises.readFile(raw, 'utf8')), await promised(() => fs.promises.unlink(Buffer.from('\xfelink', 'latin1'))));
say(await promised(async () => { const stream = fs.createReadStream(raw); const parts = []; for await (const part of stream) parts.push(part); return Buffer.concat(parts).toString(); }));
say(outcome(() => fs.mkdtempSync(Buffer.from('t\xff-', 'latin1'), 'buffer').subarray(0, 3).toString('hex')));
say(outcome(() => fs.mkdtempSync(Buffer.from('t\xff-', 'latin1')).length));

const name255 = 'n'.repeat(255);
fs.writeFileSync(name255, 'long');
say(fs.readFileSync(name255, 'utf8'), fs.readdirSync('.').includes(name255), outcome(() => fs.writeFileSync('n'.repeat(256), '')), outcome(() => fs.statSync('n'.repeat(256))), fs.existsSync('n'.repeat(256)));
fs.writeFileSync('ü'.repeat(127), 'umlauts');
say(fs.existsSync('ü'.repeat(127)), outcome(() => fs.writeFileSync('ü'.repeat(128), '')));
const deep = Array(15).fill('d'.repeat(249)).join('/');
say(outcome(() => fs.mkdirSync(deep, { recursive: true }).length), (`${process.cwd()}/${deep}`).length);
const last = 4000 - `${process.cwd()}/${deep}/`.length;
fs.writeFileSync(`${process.cwd()}/${deep}/${'e'.repeat(last)}`, 'far down');
say(fs.readFileSync(`${process.cwd()}/${deep}/${'e'.repeat(last)}`, 'utf8'), fs.readdirSync(deep).length, (await fs.promises.stat(`${deep}/${'e'.repeat(last)}`)).size);
for (const length of [4094, 4095, 4096, 4097, 5000]) {
  const base = `${process.cwd()}/`;
  const slashes = `${base}${'/'.repeat(length - base.length - 9)}README.md`;
  say(length, slashes.length, outcome(() => fs.statSync(slashes).size), await promised(() => fs.promises.readFile(slashes, 'utf8')), outcome(() => fs.writeFileSync(`${base}${'./'.repeat((length - base.length - 4) / 2)}made`, 'x')));
}
say(outcome(() => fs.rmSync('d'.repeat(249), { recursive: true })), fs.existsSync('d'.repeat(249)));

fs.symlinkSync('round', 'about');
fs.symlinkSync('about', 'round');
for (const action of [() => fs.statSync('round'), () => fs.readFileSync('round/x'), () => fs.openSync('round', 'w'), () => fs.writeFileSync('round', ''), () => fs.realpathSync('round'), () => fs.realpathSync.native('round'), () => fs.readdirSync('round'), () => fs.mkdirSync('round', { recursive: true }), () => fs.mkdirSync('round/x', { recursive: true }), () => fs.existsSync('round'), () => fs.lstatSync('round').isSymbolicLink(), () => fs.copyFileSync('round', 'x'), () => fs.chmodSync('round', 0o600), () => fs.truncateSync('round'), () => fs.opendirSync('round'), () => fs.rmSync('round/x', { force: true }), () => fs.watch('round'), () => fs.unlinkSync('round')]) say(String(action), outcome(action));
for (let link = 0; link < 45; link++) fs.symlinkSync(link === 0 ? 'README.md' : `chain${link - 1}`, `chain${link}`);
say(fs.existsSync('chain30'), outcome(() => fs.statSync('chain39').size), outcome(() => fs.statSync('chain40').size), outcome(() => fs.realpathSync('chain44')), outcome(() => fs.realpathSync.native('chain44')));

for (const action of [() => fs.statSync('a\0b'), () => fs.statSync(Buffer.from('a\0b')), () => fs.renameSync('README.md', 'a\0'), () => fs.symlinkSync('a\0', 'x'), () => fs.existsSync('a\0'), () => fs.mkdtempSync('a\0'), () => fs.opendirSync('\0'), () => fs.globSync?.('\0'), () => fs.watch('a\0'), () => fs.watchFile('a\0', () => {}), () => fs.createReadStream('a\0'), () => fs.cpSync('a\0', 'b'), () => fs.rmSync('a\0'), () => fs.statSync(new URL(`${pathToFileURL(process.cwd())}/a%00b`)), () => fs.statSync(new URL(`${pathToFileURL(process.cwd())}/a%2Fb`)), () => fs.statSync(new URL('http://x/y')), () => fs.statSync(new URL('file://host/x'))]) say(String(action), outcome(action));
for (const path of ['README.md/', 'README.md/.', 'README.md/..', 'src/', 'src/.', 'src/..', 'src//', 'link/', 'link/.', 'link/..', './', '.', 'none/', 'none/..', 'src/parts/../last.js', 'link/../README.md', '//srv//far/project/README.md', `${process.cwd()}//README.md`, `${process.cwd()}/./src/../README.md`]) {
  say(path, outcome(() => fs.statSync(path).isDirectory()), outcome(() => fs.lstatSync(path).isSymbolicLink()), outcome(() => fs.accessSync(path)), outcome(() => fs.realpathSync(path)), outcome(() => fs.readdirSync(path).length * 0), outcome(() => fs.readlinkSync(path)));
}
for (const path of ['new/', 'README.md/', 'src/', 'link/', 'link', 'new', 'new/.']) {
  say(path, outcome(() => fs.writeFileSync(path, 'x')), outcome(() => fs.mkdirSync(path)), outcome(() => fs.unlinkSync(path)), outcome(() => fs.rmdirSync(path)), outcome(() => fs.renameSync(path, 'x/')), outcome(() => fs.symlinkSync('x', path)), outcome(() => fs.rmSync(path)), outcome(() => fs.copyFileSync(path, 'y/')), outcome(() => fs.mkdirSync(path, { recursive: true })));
}
for (const path of ['', './x\\y', 'with space/ä name.txt', '%41', 'a\nb', "quo'te", '-dash', '~', '*', '[x]', 'tab\t', 'e\u0301', '\u{1f600}']) {
  say(path, outcome(() => fs.writeFileSync(path, 'content')), outcome(() => fs.readFileSync(path, 'utf8')), outcome(() => fs.realpathSync(path)), outcome(() => fs.statSync(pathToFileURL(path)).size));
}
say(fs.readdirSync('.').filter((name) => !name.startsWith('t\ufffd')).sort());
for (const name of fs.readdirSync('.', 'buffer')) if (name[0] === 116 && name[1] === 255) fs.rmdirSync(name);
