// Whole files in every form of readFile, with encodings, ranges and both kinds of path.
import fs from 'node:fs';
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const say = (...values) => console.log(JSON.stringify(values));
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');

for (const name of ['README.md', 'windows.txt', 'marked.txt', 'latin.txt', 'picture.png', 'empty', 'long.txt', 'with space/ä name.txt']) {
  const sync = fs.readFileSync(name);
  const promise = await fs.promises.readFile(name);
  const callback = await promisify(fs.readFile)(Buffer.from(name));
  const url = fs.readFileSync(pathToFileURL(`${process.cwd()}/${name}`));
  say(name, sync.length, hash(sync), sync.equals(promise), sync.equals(callback), sync.equals(url));
}
for (const encoding of ['utf8', 'latin1', 'base64', 'hex', 'utf16le', 'ascii']) {
  say(encoding, fs.readFileSync('latin.txt', encoding), await fs.promises.readFile('latin.txt', { encoding }));
}
say(fs.readFileSync('./src/../README.md', 'utf8'), fs.readFileSync('link/part1.js', 'utf8').length);
say(fs.readFileSync('missing', { encoding: 'utf8', flag: 'a+' }), fs.existsSync('missing'));
const handle = await fs.promises.open('long.txt');
say(await handle.readFile({ encoding: 'utf8' }).then((text) => text.length));
await handle.close();
let lines = 0;
for await (const line of (await fs.promises.open('long.txt')).readLines()) lines += line.length;
say(lines);
const controller = new AbortController();
controller.abort();
await fs.promises.readFile('README.md', { signal: controller.signal }).catch((error) => say(error.name, error.code));
