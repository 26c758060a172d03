// Making, listing and removing directories.
import fs from 'node:fs';

const say = (...values) => console.log(JSON.stringify(values));
const code = (action) => { try { return action() ?? 'done'; } catch (error) { return error.code; } };
const kind = (entry) => `${entry.name}${entry.isDirectory() ? '/' : ''}${entry.isSymbolicLink() ? '@' : ''}`;

say(fs.readdirSync('.').sort());
say(fs.readdirSync('.', { withFileTypes: true }).map(kind).sort());
say(fs.readdirSync('with space', 'buffer').map((name) => name.toString('hex')));
say(fs.readdirSync('src', { recursive: true }).sort());
say((await fs.promises.readdir('src', { recursive: true, withFileTypes: true })).map((entry) => `${entry.parentPath}/${kind(entry)}`).sort());
say(fs.readdirSync('link').length, fs.readdirSync('link/').length);
say(fs.mkdirSync('one/two/three', { recursive: true }), fs.mkdirSync('one/two/three', { recursive: true }) ?? null);
say(await fs.promises.mkdir('one/two/four/five', { recursive: true }));
say(code(() => fs.mkdirSync('one')), code(() => fs.mkdirSync('no/such')), code(() => fs.mkdirSync('README.md/x', { recursive: true })));
say(code(() => fs.rmdirSync('one')), code(() => fs.rmdirSync('one/two/three')), code(() => fs.rmdirSync('README.md')));
const made = fs.mkdtempSync('made-');
say(made.length, fs.statSync(made).isDirectory(), (fs.statSync(made).mode & 0o777).toString(8));
fs.rmdirSync(made);
const directory = fs.opendirSync('src');
const names = [];
for (let entry; (entry = directory.readSync());) names.push(kind(entry));
directory.closeSync();
say(names.sort(), code(() => directory.readSync()));
const found = [];
for await (const entry of await fs.promises.opendir('src/parts')) found.push(entry.name);
say(found.sort());
fs.symlinkSync('../../src', 'one/two/outwards');
fs.rmSync('one', { recursive: true });
say(fs.existsSync('one'), fs.existsSync('src/last.js'), code(() => fs.rmSync('one')), code(() => fs.rmSync('one', { force: true })), code(() => fs.rmSync('src')));
say(code(() => fs.readdirSync('README.md')), code(() => fs.readdirSync('none')));
const many = 1500;
fs.mkdirSync('many');
for (let n = 0; n < many; n++) fs.writeFileSync(`many/${n}`, '');
say(fs.readdirSync('many').length);
await fs.promises.rm('many', { recursive: true });
say(fs.globSync('src/parts/part1*.js').sort());
