// Streams over files: ranges, encodings, pipes, events.
import fs from 'node:fs';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { createGzip, gunzipSync } from 'node:zlib';

const say = (...values) => console.log(JSON.stringify(values));
const collect = async (stream) => { const parts = []; for await (const part of stream) parts.push(Buffer.from(part)); return Buffer.concat(parts); };

say((await collect(fs.createReadStream('README.md'))).toString());
say((await collect(fs.createReadStream('long.txt', { start: 10, end: 29 }))).toString());
say((await collect(fs.createReadStream('README.md', { encoding: 'utf8', highWaterMark: 1 }))).toString());
const random = Buffer.alloc(3 * 1024 * 1024 + 11);
for (let at = 0; at < random.length; at++) random[at] = (at * 7919) >> 5;
const out = fs.createWriteStream('stream.bin');
for (let at = 0; at < random.length; at += 100_000) if (!out.write(random.subarray(at, at + 100_000))) await once(out, 'drain');
out.end();
await once(out, 'close');
say(out.bytesWritten, createHash('sha256').update(await collect(fs.createReadStream('stream.bin'))).digest('hex'));
await pipeline(fs.createReadStream('long.txt'), createGzip(), fs.createWriteStream('long.gz'));
say(gunzipSync(fs.readFileSync('long.gz')).equals(fs.readFileSync('long.txt')));
fs.createWriteStream('README.md', { flags: 'a' }).end('appended\n');
await new Promise((done) => setTimeout(done, 300));
const inner = fs.createWriteStream('windows.txt', { flags: 'r+', start: 5 });
inner.end('TWO');
await once(inner, 'finish');
say(fs.readFileSync('windows.txt', 'utf8'));
const [error] = await once(fs.createReadStream('none').on('open', () => say('opened')), 'error').catch((error) => [error]);
say(error.code, error.path);
const handle = await fs.promises.open('long.txt');
say((await collect(handle.createReadStream({ start: 0, end: 9, autoClose: false }))).toString());
say((await handle.read(Buffer.alloc(6), 0, 6, 0)).buffer.toString(), (await handle.stat()).size);
say((await handle.read({ buffer: Buffer.alloc(4), position: 5 })).bytesRead);
await handle.close();
await handle.read(Buffer.alloc(1)).catch((error) => say(error.code));
