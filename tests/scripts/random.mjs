// Random file operations: node random.mjs SEED COUNT NEAR, in an empty directory; NEAR is one to be made on another disk.
// Prints one line for each operation with its result or error, and in the end both trees. The same seed gives the same
// operations and, on any disk, the same lines.
import fs from 'node:fs';

import { chance } from './random/chance.mjs';
import { descriptors } from './random/descriptors.mjs';
import { directories } from './random/directories.mjs';
import { below } from './random/looking.mjs';
import { paths } from './random/paths.mjs';
import { streams } from './random/streams.mjs';
import { failure, tree, value } from './random/telling.mjs';

const [seed, count] = process.argv.slice(2, 4).map(Number);
const drawn = chance(seed);
/** Far below the top, so that no chain of links and `..` leads out. */
const base = `${process.cwd()}/${'deep/'.repeat(12)}base`;
const world = { base, near: `${process.argv[4]}/near`, open: [] };

/** Each operation as often as it is listed. */
const operations = [paths, directories, descriptors, streams].flatMap((room) =>
  Object.entries(room).flatMap(([name, { often, run }]) => Array(often).fill({ name, run })));

/** What never settles is told as such. */
async function settled(promise) {
  let timer;
  const never = new Promise((resolve) => { timer = setTimeout(resolve, 20_000, 'never settled'); });
  try {
    return await Promise.race([promise, never]);
  } finally {
    clearTimeout(timer);
  }
}

function begin() {
  fs.mkdirSync(base, { recursive: true });
  fs.mkdirSync(world.near, { recursive: true });
  process.chdir(base);
}

/** A tree that grew too large is pruned, or copies of copies would fill the disk. */
function prune() {
  for (const directory of [base, world.near]) {
    if (below(directory).length < 250) continue;
    for (const name of fs.readdirSync(directory, 'buffer')) {
      if (drawn.perhaps(0.7)) fs.rmSync(Buffer.concat([Buffer.from(`${directory}/`), name]), { recursive: true });
    }
  }
}

for (let number = 0; number < count; number += 1) {
  if (!fs.existsSync(base)) begin();
  if (number % 50 === 49) prune();
  const { name, run } = drawn.pick(operations);
  const line = { number, name, call: undefined };
  world.say = (...call) => { line.call = call; };
  try {
    line.result = value(await settled(run(drawn, world)));
  } catch (error) {
    line.error = failure(error);
  }
  process.stdout.write(`${JSON.stringify(line, (_key, one) => (typeof one === 'bigint' ? `${one}n` : one))}\n`);
}
for (const { fd, handle } of world.open) if (handle) await handle.close(); else fs.closeSync(fd);
for (const directory of [base, world.near]) process.stdout.write(tree(directory));
