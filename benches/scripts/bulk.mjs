// Moves a large file once. Words: which way, from where, to where. Prints seconds, and the memory of this process and its parent.

import fs from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { memory } from './answer.mjs';

const [way, from, to] = process.argv.slice(2);

/** Takes all and keeps nothing, as /dev/null. */
const nowhere = () => new Writable({ write(_chunk, _encoding, done) { done(); } });

/** @type {Record<string, () => Promise<unknown>>} */
const ways = {
  nothing: async () => {},
  read: () => pipeline(fs.createReadStream(from), nowhere()),
  write: () => pipeline(fs.createReadStream(from), fs.createWriteStream(to)),
  copyFile: () => fs.promises.copyFile(from, to),
  readFile: () => fs.promises.readFile(from),
};

const start = performance.now();
await ways[way]();
const seconds = (performance.now() - start) / 1000;
if (to !== '' && fs.statSync(to).size !== fs.statSync(from).size) throw new Error(`${way}: the copy has another size`);
const [program, parent] = ['self', process.ppid].map((who) => memory(fs.readFileSync(`/proc/${who}/status`, 'utf8')).peak);
// Who measures looks at the agent before this process ends, and the agent with it.
process.stdout.write(`${JSON.stringify({ seconds, program, parent })}\n`);
process.stdin.resume();
