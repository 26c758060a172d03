// Writing in every form: creating, replacing, appending, exclusive, positioned, with modes.
import fs from 'node:fs';

const say = (...values) => console.log(JSON.stringify(values));
const code = (action) => { try { return action() ?? 'done'; } catch (error) { return error.code; } };
const text = (name) => fs.readFileSync(name, 'utf8');

fs.writeFileSync('a.txt', 'one');
fs.writeFileSync('a.txt', Buffer.from('zwei ü'));
fs.appendFileSync('a.txt', '\nthree');
say(text('a.txt'));
await fs.promises.writeFile('b.txt', new Uint8Array([104, 105]));
await fs.promises.appendFile('b.txt', '!');
say(text('b.txt'));
say(code(() => fs.writeFileSync('a.txt', 'x', { flag: 'wx' })), text('a.txt'));
fs.writeFileSync('secret.sh', '#!/bin/sh\n', { mode: 0o700 });
fs.writeFileSync('masked', '', { mode: 0o777 });
say((fs.statSync('secret.sh').mode & 0o777).toString(8), (fs.statSync('masked').mode & 0o777).toString(8));
await new Promise((done) => fs.writeFile('c.txt', 'callback', 'utf16le', done));
say(fs.readFileSync('c.txt').toString('hex'));
await fs.promises.writeFile('d.txt', (function* () { yield 'from '; yield 'parts'; })());
say(text('d.txt'));

const descriptor = fs.openSync('e.txt', 'w+');
say(fs.writeSync(descriptor, 'hello world'), fs.writeSync(descriptor, Buffer.from('HELLO'), 0, 5, 0));
fs.writeSync(descriptor, '!');
fs.writevSync(descriptor, [Buffer.from('a'), Buffer.from('bc')]);
say(text('e.txt'));
fs.ftruncateSync(descriptor, 5);
const buffer = Buffer.alloc(20);
say(fs.readSync(descriptor, buffer, 0, 20, 0), buffer.toString('utf8', 0, 5));
fs.fsyncSync(descriptor);
fs.fdatasyncSync(descriptor);
fs.closeSync(descriptor);
say(code(() => fs.closeSync(descriptor)), code(() => fs.writeSync(descriptor, 'x')));
fs.truncateSync('e.txt', 8);
say(fs.readFileSync('e.txt').toString('hex'));

const big = Buffer.alloc(5 * 1024 * 1024 + 7, 'pattern-');
fs.writeFileSync('big', big);
say(fs.statSync('big').size, fs.readFileSync('big').equals(big), (await fs.promises.readFile('big')).equals(big));
