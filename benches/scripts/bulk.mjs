// Moves a large file once. Words: which way, from where, to where, after how many seconds streams stop.
// Prints seconds, bytes moved, and the peak memory of this process and its parent, in MiB.

import fs from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { memory } from './answer.mjs';

const [way, from, to, limit] = process.argv.slice(2);

/** Takes all and keeps nothing, as /dev/null. */
const nowhere = () => new Writable({ write(_chunk, _encoding, done) { done(); } });

/**
 * Moves until all is moved or time is up, and gives the bytes moved.
 * @param {() => number} moved
 * @param {(signal: AbortSignal) => Promise<void>} move
 */
async function untilTimeIsUp(moved, move) {
  const signal = AbortSignal.timeout(Number(limit) * 1000);
  await move(signal).catch((error) => { if (!signal.aborted) throw error; });
  return moved();
}

/** @type {Record<string, () => Promise<number | void>>} */
const ways = {
  nothing: async () => {},
  read: () => {
    const source = fs.createReadStream(from);
    return untilTimeIsUp(() => source.bytesRead, (signal) => pipeline(source, nowhere(), { signal }));
  },
  write: () => {
    const sink = fs.createWriteStream(to);
    return untilTimeIsUp(() => sink.bytesWritten, (signal) => pipeline(fs.createReadStream(from), sink, { signal }));
  },
  copyFile: () => fs.promises.copyFile(from, to),
  readFile: async () => (await fs.promises.readFile(from)).length,
  copyFileSync: async () => fs.copyFileSync(from, to),
  readFileSync: async () => fs.readFileSync(from).length,
};

const start = performance.now();
const streamed = await ways[way]();
const seconds = (performance.now() - start) / 1000;
const bytes = streamed ?? (way === 'nothing' ? 0 : fs.statSync(to).size);

/** @param {string | number} who */
const peak = (who) => memory(fs.readFileSync(`/proc/${who}/status`, 'utf8')).peak;
// Without pii, the parent is outside of this machine and has no number in it.
const [program, parent] = [peak('self'), process.ppid === 0 ? 0 : peak(process.ppid)];
// Who measures looks at the agent before this process ends, and the agent with it.
process.stdout.write(`${JSON.stringify({ seconds, bytes, program, parent })}\n`);
process.stdin.resume();
