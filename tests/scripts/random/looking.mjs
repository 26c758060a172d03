// What lies on the disk, looked at before a call that could not come to an end or would fill the disk.
import fs from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Enough to know that a tree is large. */
const MANY = 500;

/**
 * What lies below a path, as far as it can be listed.
 * @param {{ follow?: boolean, limit?: number, bytes?: boolean }} how Whether links are followed, how many entries are
 *   enough, and whether a name that is no text leads to its own file, not to what its text leads to.
 */
export function below(path, { follow = false, limit = MANY, bytes = false } = {}) {
  const found = [];
  const start = path instanceof URL ? fileURLToPath(path) : `${path}`;
  const waiting = [bytes ? Buffer.from(start) : start];
  for (let at = waiting.shift(); at !== undefined && found.length < limit; at = waiting.shift()) {
    for (const entry of listed(at, bytes ? 'buffer' : 'utf8')) {
      found.push(entry);
      const inner = bytes ? Buffer.concat([at, Buffer.from('/'), entry.name]) : join(at, entry.name);
      if (entry.isDirectory() || (follow && entry.isSymbolicLink() && isDirectory(inner))) waiting.push(inner);
    }
  }
  return found;
}

function listed(path, encoding) {
  try {
    return fs.readdirSync(path, { withFileTypes: true, encoding });
  } catch {
    return [];
  }
}

/** Whether a path leads to a directory. */
export const isDirectory = (path) => stats(path)?.isDirectory() === true;

/** Whether two paths lead to one file. */
export function areOne(one, other) {
  const [first, second] = [stats(one), stats(other)];
  return first !== undefined && first.dev === second?.dev && first.ino === second.ino;
}

function stats(path) {
  try {
    return fs.statSync(path);
  } catch {
    return undefined;
  }
}
