// Streams to and from files.
import { once } from 'node:events';
import fs from 'node:fs';
import { pipeline } from 'node:stream/promises';

import { told } from './forms.mjs';
import { areOne, isDirectory } from './looking.mjs';

/** What a stream went through until it was closed, in order. */
function course(stream, result) {
  const events = [];
  for (const event of ['open', 'ready', 'end', 'finish', 'error']) stream.on(event, (error) => events.push(error instanceof Error ? [event, error] : event));
  return new Promise((resolve) => { stream.once('close', () => resolve([events, result()])); });
}

function reading(chance, world) {
  const path = chance.path(world);
  const start = chance.pick([undefined, 0, 3, 3000]);
  const options = { start, end: chance.pick([undefined, Infinity, (start ?? 0) + chance.below(5000)]), highWaterMark: chance.pick([undefined, 10, 1000, 200_000]), flags: chance.pick(['r', 'r', 'r', 'r+', 'a+']) };
  world.say(told(path), options);
  const stream = fs.createReadStream(path, options);
  const chunks = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  return course(stream, () => [stream.bytesRead, Buffer.concat(chunks)]);
}

function writing(chance, world) {
  const path = chance.path(world);
  const options = { flags: chance.pick(['w', 'w', 'a', 'wx', 'r+']), start: chance.pick([undefined, undefined, 0, 5, 4000]), mode: chance.mode(), highWaterMark: chance.pick([undefined, 1, 100_000]) };
  const pieces = Array.from({ length: chance.below(6) }, chance.content).map((piece) => (piece instanceof DataView ? 'view' : piece));
  world.say(told(path), options, pieces.map(told));
  const stream = fs.createWriteStream(path, options);
  const ended = course(stream, () => stream.bytesWritten);
  for (const piece of pieces) stream.write(piece);
  stream.end();
  return ended;
}

async function copying(chance, world) {
  const [from, to] = chance.two(world, chance.path);
  world.say(told(from), told(to));
  // Emptied while it is read, a file gives what the moment gives; of two failures either may be the first.
  if (areOne(from, to) || isDirectory(from)) return;
  const source = fs.createReadStream(from);
  // One after the other, so that it is certain which of them fails.
  await once(source, 'open');
  await pipeline(source, fs.createWriteStream(to));
}

/** A piece of text or bytes at a time. */
async function pieces(chance, world) {
  const path = chance.path(world);
  const list = Array.from({ length: chance.below(5) }, () => chance.bytes());
  const options = { flag: chance.pick(['w', 'a', 'wx']) };
  world.say(told(path), list.map(told), options);
  await fs.promises.writeFile(path, chance.perhaps(0.5) ? list : (async function* all() { yield* list; })(), options);
}

/** A blob of a file. Of a directory Node makes one too, which fails only when it is read. */
async function blob(chance, world) {
  const path = chance.path(world);
  const start = chance.below(10);
  world.say(told(path), start);
  if (isDirectory(path)) return undefined;
  const opened = await fs.openAsBlob(path);
  return [opened.size, new Uint8Array(await opened.slice(start).arrayBuffer())];
}

export const streams = {
  openAsBlob: { often: 2, run: blob },
  createReadStream: { often: 4, run: reading },
  createWriteStream: { often: 4, run: writing },
  pipeline: { often: 3, run: copying },
  pieces: { often: 2, run: pieces },
};
