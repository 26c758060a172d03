// Looks for a stale read of a large file that is read from one end to the other. Between two reads a shell on the remote
// writes into it, cuts it or lets it grow, and says so; every read after that must see it. `node ahead.mjs DIRECTORY SEED ROUNDS`

import fs from 'node:fs';
import { join } from 'node:path';
import { chanceOf } from './chance.mjs';
import { shellIn } from './shell.mjs';

const [top, seed, rounds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const chance = chanceOf(seed);
const path = join(top, 'large');
/** What a read takes, and what is written at once. */
const BLOCK = 64 * 1024;
const MOST = 64;

const { remotely, end } = shellIn(top);

/** What is in each block, by a letter. @type {string[]} */
const blocks = [];
const letter = () => String.fromCharCode(97 + chance(26));
/** @param {string} of @param {string} to */
const fill = (of, to) => `head -c ${BLOCK} /dev/zero | tr '\\0' ${of} ${to}`;

/** Changes something, and the model with it. @param {number} at Where the reader stands: what lies before it does not matter. */
async function change(at) {
  const [of, kind] = [letter(), chance(4)];
  const block = Math.min(at + chance(MOST / 2), blocks.length);
  if (kind < 2 || (kind === 2 && blocks.length >= MOST)) {
    await remotely(fill(of, `| dd of=large bs=${BLOCK} seek=${block} conv=notrunc iflag=fullblock 2>/dev/null`));
    blocks[block] = of;
  } else if (kind === 2) {
    await remotely(fill(of, '>> large'));
    blocks.push(of);
  } else {
    await remotely(`truncate -s ${block * BLOCK} large`);
    blocks.length = block;
  }
}

const ways = [
  () => {
    const fd = fs.openSync(path);
    const bytes = Buffer.alloc(BLOCK);
    return { next: async () => bytes.subarray(0, fs.readSync(fd, bytes)), close: () => fs.closeSync(fd) };
  },
  async () => {
    const handle = await fs.promises.open(path);
    const bytes = Buffer.alloc(BLOCK);
    return { next: async () => bytes.subarray(0, (await handle.read(bytes, 0, BLOCK)).bytesRead), close: () => handle.close() };
  },
];

let stale = 0;
let reads = 0;
for (let round = 1; round <= rounds; round += 1) {
  blocks.length = 0;
  while (blocks.length < MOST) blocks.push(letter());
  await remotely(`: > large; ${blocks.map((of) => fill(of, '>> large')).join('; ')}`);
  const { next, close } = await ways[chance(ways.length)]();
  for (let at = 0; at <= MOST; at += 1) {
    if (chance(12) === 0) await change(at);
    const got = (await next()).toString('latin1');
    const expected = blocks[at] ?? '';
    reads += 1;
    if (got === expected.repeat(BLOCK)) {
      if (got === '') break;
      continue;
    }
    stale += 1;
    if (stale <= 20) console.log(`stale: round ${round}, block ${at}: expected ${expected || 'the end'}, got ${got.slice(0, 1)} and ${got.length} bytes`);
    break;
  }
  await close();
}
end();
console.log(`${rounds} rounds, ${reads} reads, ${stale} stale, seed ${seed}`);
process.exitCode = stale === 0 ? 0 : 1;
