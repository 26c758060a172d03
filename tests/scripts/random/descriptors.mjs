// Open files: numbers and FileHandles, used while their names are renamed or removed.
import { once as event } from 'node:events';
import fs from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { called, once, told } from './forms.mjs';

/** No more are open at once. */
const MOST = 12;

async function open(chance, world) {
  const args = [chance.path(world), chance.flags(), ...(chance.perhaps(0.3) ? [chance.mode()] : [])];
  const form = chance.pick(['sync', 'callback', 'promise']);
  world.say(form, ...args.map(told));
  if (world.open.length >= MOST) await take(chance, world);
  const opened = await called(form, 'open', args);
  const file = form === 'promise' ? { handle: opened, fd: opened.fd } : { fd: opened };
  world.open.push(file);
  return typeof file.fd === 'number';
}

/** Closes one of them. */
async function take(chance, world) {
  const [file] = world.open.splice(chance.below(world.open.length), 1);
  if (file?.handle) await file.handle.close();
  else if (file) fs.closeSync(file.fd);
  return file;
}

/** Closes one, and then once more. */
async function close(chance, world) {
  const again = chance.perhaps(0.3);
  world.say(again);
  const file = await take(chance, world);
  if (!file || !again) return undefined;
  return file.handle ? file.handle.stat() : fs.closeSync(file.fd);
}

/** A call on an open file: a method of its handle, or the function of a number. */
const on = (often, method, name, draw) => [`open.${method}`, { often, run: (chance, world) => {
  const args = draw(chance, world);
  if (world.open.length === 0) return undefined;
  const index = chance.below(world.open.length);
  const { fd, handle: whole } = world.open[index];
  // The number of a handle is an open file like any other.
  const handle = chance.perhaps(0.8) ? whole : undefined;
  world.say(index, ...args.map(told));
  return handle ? handle[method](...args) : once({ ...chance, pick: (list) => chance.pick(list.filter((one) => one !== 'promise')) },
    { say: (form) => world.say(index, form, ...args.map(told)) }, name, [fd, ...args]);
} }];

const position = (chance) => chance.pick([null, null, null, undefined, 0, 3, chance.below(6000), 100_000, -1, 5n]);

function readArguments(chance) {
  const buffer = Buffer.alloc(chance.pick([1, 10, 4096, 70_000]), 46);
  const offset = chance.pick([0, 0, 1, buffer.length, buffer.length + 1]);
  return chance.pick([[buffer, 0, buffer.length, position(chance)], [buffer, offset, chance.below(buffer.length + 2), position(chance)],
    [buffer, { position: position(chance) }], [buffer], [{ buffer, position: position(chance) }]]);
}

function writeArguments(chance) {
  const bytes = chance.bytes();
  return chance.pick([[bytes], [bytes, 0, bytes.length, position(chance)], [bytes, chance.below(bytes.length + 2)], [`text ä ${chance.below(99)}`, position(chance)],
    [bytes.toString('latin1'), position(chance), 'latin1'], [bytes, { position: position(chance) }]]);
}

const pieces = (chance, make) => Array.from({ length: chance.below(4) }, make);

/** A stream of an open file; a number stays open. */
async function stream(chance, world) {
  if (world.open.length === 0) return undefined;
  const file = chance.pick(world.open);
  const { fd, handle } = file;
  const start = chance.pick([undefined, 0, 7, 3000]);
  const options = { start, autoClose: handle !== undefined, ...(chance.perhaps(0.5) ? {} : { highWaterMark: 100 }) };
  const write = chance.perhaps(0.4);
  const texts = pieces(chance, () => `piece ${chance.below(1000)}`);
  world.say(write, options, texts);
  const name = write ? 'createWriteStream' : 'createReadStream';
  const made = handle ? handle[name](options) : fs[name](null, { ...options, fd });
  try {
    if (!write) return Buffer.concat(await Array.fromAsync(made));
    await pipeline(Readable.from(texts), made);
    return made.bytesWritten;
  } finally {
    if (made.destroyed && !made.closed) await event(made, 'close');
    // A stream that fails closes its file all the same; and a handle is never closed while a stream has it.
    if (handle && !made.closed) await event(made, 'close');
    if (made.fd === null) world.open.splice(world.open.indexOf(file), 1);
  }
}

/** All lines from the handle's place on, which closes it. */
async function lines(chance, world) {
  const file = world.open.find(({ handle }) => handle);
  if (!file) return undefined;
  const options = { start: chance.below(10) };
  world.say(options);
  world.open.splice(world.open.indexOf(file), 1);
  return (await Array.fromAsync(file.handle.readLines(options))).length;
}

export const descriptors = Object.fromEntries([
  ['open', { often: 14, run: open }],
  ['close', { often: 5, run: close }],
  on(12, 'read', 'read', readArguments),
  on(12, 'write', 'write', writeArguments),
  on(3, 'readv', 'readv', (chance) => [pieces(chance, () => Buffer.alloc(1 + chance.below(3000))), position(chance) ?? null]),
  on(3, 'writev', 'writev', (chance) => [pieces(chance, chance.bytes), position(chance) ?? null]),
  on(4, 'truncate', 'ftruncate', (chance) => chance.pick([[], [0], [7], [5000], [150_000]])),
  on(5, 'stat', 'fstat', (chance) => chance.pick([[], [{ bigint: true }]])),
  on(1, 'sync', 'fsync', () => []),
  on(1, 'datasync', 'fdatasync', () => []),
  on(2, 'chmod', 'fchmod', (chance) => [chance.mode()]),
  on(2, 'chown', 'fchown', () => [0, 0]),
  on(3, 'utimes', 'futimes', (chance) => [chance.time(), chance.time()]),
  on(4, 'readFile', 'readFile', (chance) => chance.pick([[], ['utf8'], [{ encoding: 'base64' }]])),
  on(4, 'writeFile', 'writeFile', (chance) => [chance.content()]),
  on(4, 'appendFile', 'appendFile', (chance) => [chance.content()]),
  ['open.stream', { often: 4, run: stream }],
  ['open.readLines', { often: 1, run: lines }],
]);
