// Aborting: Node's own AbortError, whatever was under way; nothing is written after it.
import fs from 'node:fs';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';

const say = (...values) => console.log(JSON.stringify(values));
const told = (error) => [error.constructor.name, error.name, error.code, error.message, error.cause, Object.keys(error).join()];
const promised = (act) => Promise.resolve().then(act).then((value) => ['value', typeof value], told);
const called = (name, ...args) => new Promise((done) => fs[name](...args, (error) => done(error ? told(error) : ['value'])));
const soon = (reason) => { const controller = new AbortController(); queueMicrotask(() => controller.abort(reason)); return controller.signal; };

const big = Buffer.alloc(8 * 1024 * 1024, 'big ');
fs.writeFileSync('big', big);
for (const [label, signal] of [['before', () => AbortSignal.abort('reason')], ['soon', () => soon('reason')], ['default', () => AbortSignal.abort()]]) {
  say(label, ...(await Promise.all([
    promised(() => fs.promises.readFile('big', { signal: signal() })),
    called('readFile', 'big', { signal: signal() }),
    promised(() => fs.promises.writeFile(`w1-${label}`, big, { signal: signal() })),
    called('writeFile', `w2-${label}`, big, { signal: signal() }),
    promised(() => fs.promises.appendFile(`w3-${label}`, big, { signal: signal() })),
    promised(async () => { await using handle = await fs.promises.open('big'); return await handle.readFile({ signal: signal() }); }),
    promised(async () => { await using handle = await fs.promises.open(`w4-${label}`, 'w'); return await handle.writeFile(big, { signal: signal() }); }),
    promised(async () => { for await (const piece of fs.createReadStream('big', { signal: signal() })) piece.toString(); }),
    promised(() => pipeline(fs.createReadStream('big'), fs.createWriteStream(`w5-${label}`), { signal: signal() })),
    promised(async () => { for await (const event of fs.promises.watch('.', { signal: signal() })) event.toString(); }),
    promised(async () => { const handle = await fs.promises.open('big'); for await (const line of handle.readLines({ signal: signal() })) line.toString(); }),
  ])).map((one) => JSON.stringify(one)));
}
const stream = fs.createWriteStream('w6', { signal: soon('stream') });
stream.write(big);
say(told((await once(stream, 'error'))[0]), stream.destroyed);
const reader = fs.createReadStream('big', { signal: soon('stream') });
say(told((await once(reader, 'error'))[0]), reader.destroyed);

// In the middle.
const controller = new AbortController();
const pieces = (async function* () { yield 'one '; yield 'two '; controller.abort('between'); yield 'three'; })();
say(await promised(() => fs.promises.writeFile('pieces', pieces, { signal: controller.signal })), fs.readFileSync('pieces', 'utf8'));
const middle = new AbortController();
let read = 0;
say(await promised(async () => { for await (const piece of fs.createReadStream('big', { signal: middle.signal })) { read += piece.length; if (read > 1e6) middle.abort('middle'); } }), read < 2e6);

// What is not aborted in time is not aborted.
const late = new AbortController();
say((await fs.promises.readFile('README.md', { signal: late.signal })).length > 0, (late.abort(), 'late'));
for (const signal of ['x', {}, null, undefined, 5]) say(String(signal), await promised(() => fs.promises.readFile('README.md', { signal })), await promised(() => fs.promises.writeFile('w7', 'x', { signal })));
// What is no signal, or stands before one, is asked whether it is aborted.
const before = () => { const { signal } = new AbortController(); return new Proxy(signal, { get: (on, name) => { const value = Reflect.get(on, name, on); return typeof value === 'function' ? value.bind(on) : value; } }); };
for (const make of [() => ({ aborted: false }), () => ({ aborted: true, reason: 'plain' }), before]) {
  say(await promised(() => fs.promises.readFile('README.md', { signal: make() })), await called('readFile', 'README.md', { signal: make() }), await promised(() => fs.promises.writeFile('w8', 'x', { signal: make() })));
}
// How far each came says nothing.
for (const name of fs.readdirSync('.')) if (/^w\d/.test(name)) fs.rmSync(name);
