// Looks for a stale read. A shell on the remote changes a tree and says so, or the program changes it itself; every read
// after that must see it. `node staleness.mjs DIRECTORY SEED ROUNDS`

import fs from 'node:fs';
import { join } from 'node:path';
import { chanceOf } from './staleness/chance.mjs';
import { change } from './staleness/changes.mjs';
import { shellIn } from './staleness/shell.mjs';
import { Tree } from './staleness/tree.mjs';

const [top, seed, rounds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const chance = chanceOf(seed);
const tree = new Tree();
const directories = ['a', 'b', 'a/in', 'b/in', 'a/in/deep'];
const files = ['f', ...directories.flatMap((name) => [`${name}/f`, `${name}/g`])];
const links = ['l', 'a/l', 'b/l'];
const names = { directories, files, links };
const paths = [...directories, ...files, ...links, 'l/f', 'a/l/g', 'l/in/f', '.', 'a/.'];

const { remotely, end } = shellIn(top);

/** What the program does itself, by the same command. @param {string} command */
function locally(command) {
  const [word, ...words] = command.split(' ');
  const at = (/** @type {string} */ name) => join(top, name);
  const last = /** @type {string} */ (words.at(-1));
  if (command.includes(';') || word === ':' || word === 'ln') return false;
  if (word === 'printf') (command.includes('>>') ? fs.appendFileSync : fs.writeFileSync)(at(last), words[0]);
  else if (word === 'chmod') fs.chmodSync(at(last), Number.parseInt(words[0], 8));
  else if (word === 'mkdir') fs.mkdirSync(at(last));
  else if (word === 'mv') fs.renameSync(at(words[0]), at(last));
  else if (word === 'rm') fs.rmSync(at(last), { recursive: true });
  return true;
}

/** @param {() => any} read */
function outcome(read) {
  try {
    return read();
  } catch (error) {
    return /** @type {any} */ (error).code;
  }
}

/** What is read from a file that is opened for it, in two reads. @param {string} path */
function opened(path) {
  const fd = fs.openSync(path);
  try {
    const bytes = Buffer.alloc(4096);
    const first = fs.readSync(fd, bytes, 0, 2, null);
    return bytes.toString('latin1', 0, first + fs.readSync(fd, bytes, first, bytes.length - first, null));
  } finally {
    fs.closeSync(fd);
  }
}

/** What reads must answer, and what they do. @param {string} path @returns {[string, any, any][]} */
function looks(path) {
  const at = `${top}/${path}`;
  const found = tree.find(path, true);
  const own = tree.find(path, false);
  /** @type {[string, any, any][]} */
  const all = [
    ['exists', found !== undefined, fs.existsSync(at)],
    // Below a file, lstat throws where stat does not.
    ['lstat', own?.kind ?? 'nothing', outcome(() => kindOf(fs.lstatSync(at, { throwIfNoEntry: false }))).replace('ENOTDIR', 'nothing')],
  ];
  if (found?.kind === 'file') {
    all.push(['read', found.content, outcome(() => fs.readFileSync(at, 'utf8'))]);
    all.push(['opened', found.content, outcome(() => opened(at))]);
    all.push(['bytes', found.content, outcome(() => fs.readFileSync(at).toString())]);
    all.push(['size', found.content.length, outcome(() => fs.statSync(at).size)]);
    all.push(['mode', found.mode, outcome(() => fs.statSync(at).mode & 0o777)]);
    // Even root executes only what somebody may.
    all.push(['rights', found.mode & 0o111 ? undefined : 'EACCES', outcome(() => fs.accessSync(at, fs.constants.R_OK | fs.constants.X_OK))]);
  }
  if (found?.kind === 'directory') all.push(['list', [...found.names.keys()].sort().join(), outcome(() => fs.readdirSync(at).sort().join())]);
  if (found?.kind === 'directory') all.push(['made anew', undefined, outcome(() => fs.mkdirSync(at, { recursive: true }))]);
  if (own === undefined && tree.parent(path)) {
    all.push(['made', 'string', outcome(() => typeof fs.mkdirSync(at, { recursive: true }))]);
    outcome(() => fs.rmdirSync(at));
  }
  if (own?.kind === 'link') all.push(['readlink', own.target, outcome(() => fs.readlinkSync(at))]);
  return all;
}

/** Files that stay open whatever becomes of their names, each with what the model has of it. @type {{ fd: number, file: import('./staleness/tree.mjs').File }[]} */
const open = [];

/** Opens or closes a file, by chance. @param {string} path */
function openOrClose(path) {
  const found = tree.find(path, true);
  if (found?.kind === 'file' && open.length < 5) open.push({ fd: fs.openSync(join(top, path)), file: found });
  else if (open.length > 0) fs.closeSync(open.splice(chance(open.length), 1)[0].fd);
}

/** What is in a file from its start, read without moving the file's own offset. @param {number} fd */
function contentOf(fd) {
  const bytes = Buffer.alloc(4096);
  return bytes.toString('latin1', 0, fs.readSync(fd, bytes, 0, bytes.length, 0));
}

/** @param {fs.Stats | undefined} stats */
function kindOf(stats) {
  if (!stats) return 'nothing';
  return stats.isDirectory() ? 'directory' : stats.isSymbolicLink() ? 'link' : 'file';
}

let stale = 0;
let reads = 0;

/** @param {number} round @param {string | undefined} after @param {string} what @param {any} expected @param {any} got */
function judge(round, after, what, expected, got) {
  reads += 1;
  if (expected === got) return;
  stale += 1;
  if (stale <= 20) console.log(`stale: round ${round} after ${after}: ${what}: expected ${expected}, got ${got}`);
}

for (let round = 1; round <= rounds; round += 1) {
  const next = change(tree, chance, names, round);
  if (next) {
    if (chance(3) > 0 || !locally(next.shell)) await remotely(next.shell);
    next.apply();
  }
  for (let count = 0; count < 6; count += 1) {
    const path = paths[chance(paths.length)];
    for (const [name, expected, got] of looks(path)) judge(round, next?.shell, `${name} ${path}`, expected, got);
  }
  for (const { fd, file } of open) {
    judge(round, next?.shell, 'open file', file.content, contentOf(fd));
    judge(round, next?.shell, 'size of an open file', file.content.length, fs.fstatSync(fd).size);
  }
  openOrClose(paths[chance(paths.length)]);
}
end();
console.log(`${rounds} rounds, ${reads} reads, ${stale} stale, seed ${seed}`);
process.exitCode = stale === 0 ? 0 : 1;
