// Operations on directories and whole trees.
import fs from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { called, once, told } from './forms.mjs';
import { below } from './looking.mjs';
import { value } from './telling.mjs';

const byJson = (list) => list.map((one) => JSON.stringify(value(one))).sort();

/** What is at a path: undefined for nothing, an error for what cannot be told. */
function at(path) {
  try {
    return fs.lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return error;
  }
}

/** More entries than this lie below where links lead in circles. */
const ENDLESS = 400;

/** Whether a listing that follows links would not come to an end soon, by text as older Nodes go or by bytes. */
const isEndless = (path) => [false, true].some((bytes) => below(path, { follow: true, limit: ENDLESS, bytes }).length >= ENDLESS);

/** Entries of a directory stream, in no order: it is the disk's. */
async function entries(chance, world) {
  // Not as Buffers: Node cannot go further down from one.
  const path = chance.text(world);
  const options = { recursive: chance.perhaps(0.3) && !isEndless(path), bufferSize: chance.pick([1, 3, 32]) };
  const form = chance.pick(['sync', 'callback', 'promise']);
  world.say(form, told(path), options);
  const directory = await called(form, 'opendir', [path, options]);
  const found = [];
  if (form === 'sync') {
    for (let entry; (entry = directory.readSync());) found.push(entry);
    directory.closeSync();
  } else {
    for await (const entry of directory) found.push(entry);
  }
  return byJson(found);
}

/** A made name is made again as one that is drawn, for it is another each time. */
async function temporary(chance, world) {
  const [path, next] = [`${chance.text(world)}-`, chance.relative()];
  const form = chance.pick(['sync', 'callback', 'promise']);
  world.say(form, told(path), next);
  let made;
  try {
    made = await called(form, 'mkdtemp', [path]);
  } catch (error) {
    // Some forms name what they tried, others the pattern.
    throw Object.assign(error, { path: undefined, message: error.message.replace(/-\w{6}'$/, "-XXXXXX'") });
  }
  const { mode } = fs.statSync(made);
  fs.rmdirSync(made);
  return [mode.toString(8), made.slice(0, -6), made.length];
}

/** Whether a copy would be one of the directories that are being copied, by way of links: it ends where a path becomes too long. */
function leadsInto(from, inner, to) {
  let above = resolve(to);
  while (!real(above)) above = dirname(above);
  const within = real(above);
  const sources = [from, ...inner.filter((entry) => entry.isSymbolicLink()).map((entry) => join(entry.parentPath, entry.name))];
  return sources.map(real).some((source) => source !== undefined && (within === source || within.startsWith(`${source}/`)));
}

/** @returns {string | undefined} Where a path leads, if anywhere. */
function real(path) {
  try {
    return fs.realpathSync(path);
  } catch {
    return undefined;
  }
}

function copy(chance, world) {
  // Not as Buffers: Node has no cp of them.
  const [from, to] = chance.two(world, chance.text);
  const options = { recursive: chance.perhaps(0.8) };
  for (const name of ['dereference', 'errorOnExist', 'force', 'preserveTimestamps', 'verbatimSymlinks']) {
    if (chance.perhaps(0.2)) options[name] = chance.perhaps(0.7);
  }
  if (chance.perhaps(0.1)) options.filter = (source) => !source.endsWith('b');
  const number = chance.below(6);
  // Node asks for both at once, and either may fail first; and copies of copies would fill the disk.
  const inner = below(from, { follow: options.dereference });
  if (at(from) instanceof Error || at(to) instanceof Error || inner.length > 60) return undefined;
  if (options.dereference && leadsInto(from, inner, to)) return undefined;
  // What Node copies in C++, which is another part in each version, it copies under any name.
  if (inner.some((entry) => entry.name.includes('\ufffd'))) return undefined;
  // A link is copied as a path of its own disk, and leads nowhere on another.
  const crossing = from.startsWith(world.near) !== to.startsWith(world.near);
  if (crossing && (at(from)?.isSymbolicLink() || inner.some((entry) => entry.isSymbolicLink()))) return undefined;
  // Node's blocking form is written in C++: links that lead in circles end the process, and what it says of links and of
  // what is there already is another thing in each version. So it copies what is plain to where nothing is.
  const plain = !/(^|\/)$/.test(to) && at(from) && !at(from).isSymbolicLink() && !at(to) && fs.statSync(dirname(to), { throwIfNoEntry: false })?.isDirectory()
    && !inner.some((entry) => entry.isSymbolicLink()) && !resolve(to).startsWith(`${resolve(from)}/`);
  const forms = plain ? ['callback', 'promise', 'sync'] : ['callback', 'promise'];
  const form = forms[number % forms.length];
  world.say(form, told(from), told(to), options);
  return called(form, 'cp', [from, to, options]);
}

/** A visit to another directory, where relative paths lead elsewhere. */
async function visit(chance, world) {
  const path = chance.text(world);
  const inner = chance.relative();
  const args = chance.pick([['stat'], ['lstat'], ['readFile'], ['readdir'], ['realpath'], ['mkdir', { recursive: true }], ['writeFile', 'there'], ['readlink']]);
  const form = chance.pick(['sync', 'callback', 'promise']);
  world.say(told(path), inner, form, args);
  process.chdir(path);
  try {
    const facts = [process.cwd(), fs.readdirSync('.').length, fs.existsSync(`../${inner}`)];
    const [name, ...rest] = args;
    return [...facts, await called(form, name, [inner, ...rest])];
  } finally {
    process.chdir(world.base);
  }
}

/** Several calls under way at once, none of which concerns another. */
async function together(chance, world) {
  const calls = Array.from({ length: 2 + chance.below(8) }, () => [chance.pick(['stat', 'lstat', 'readFile', 'readdir', 'realpath', 'readlink', 'access']), chance.path(world)]);
  world.say(calls.map(([name, path]) => [name, told(path)]));
  return Promise.allSettled(calls.map(([name, path]) => fs.promises[name](path)));
}

async function found(chance, world) {
  const pattern = chance.pick(['**/*', '*', 'a/**', `**/${chance.relative()}`, '{a,b}/*', '[a-c]/?', `${world.base}/*/*`]);
  const options = chance.pick([{}, {}, { withFileTypes: true }, { cwd: chance.relative() }, { exclude: (one) => `${one.name ?? one}`.startsWith('a') }]);
  // Of an absolute pattern Node asks for every directory from the top on.
  if (pattern.startsWith('/')) delete options.exclude;
  const form = chance.pick(['sync', 'callback', 'promise']);
  world.say(form, pattern, options);
  return byJson(form === 'promise' ? await Array.fromAsync(fs.promises.glob(pattern, options)) : await called(form, 'glob', [pattern, options]));
}

/** A recursive listing where links do not lead in circles, for Node follows them until the kernel stops it. */
function listing(chance, world) {
  const path = chance.path(world);
  const encoding = chance.pick([undefined, undefined, 'utf8', 'buffer', 'latin1']);
  const options = { encoding, withFileTypes: chance.perhaps(0.4), recursive: chance.perhaps(0.4) };
  if (options.recursive) {
    // From Buffers Node cannot go further down.
    if (Buffer.isBuffer(path) || encoding === 'buffer' || isEndless(path)) return undefined;
  }
  return once(chance, world, 'readdir', [path, chance.perhaps(0.2) && !options.recursive ? encoding : options]);
}

/** Node takes trees away in C++, since Node 24, with errors of its own for odd paths; and through `..` a parent. */
const removal = (name, draw) => (chance, world) => {
  const path = chance.path(world);
  const options = draw(chance);
  if (['ELOOP', 'ENAMETOOLONG'].includes(at(path)?.code)) return undefined;
  if (options.recursive && (/(^|\/)\.{0,2}$/.test(`${path}`) || path.length > 4000)) options.recursive = false;
  return once(chance, world, name, chance.perhaps(0.25) ? [path] : [path, options]);
};

/** Where `missing/../file` is on the way, Node's complaint depends on what it has made itself by then. */
function making(chance, world) {
  const path = chance.path(world);
  const options = chance.pick([{ recursive: chance.perhaps(0.7), mode: chance.pick([0o777, 0o755, 0o700, '750']) }, 0o755, undefined]);
  if (options?.recursive && `${path}`.includes('..')) options.recursive = false;
  return once(chance, world, 'mkdir', [path, options]);
}

const one = (name, options) => (chance, world) => once(chance, world, name, [chance.path(world), ...(chance.perhaps(0.25) ? [] : [options(chance)])]);

export const directories = {
  mkdir: { often: 16, run: making },
  rmdir: { often: 4, run: removal('rmdir', (chance) => ({ recursive: chance.perhaps(0.3) })) },
  umask: { often: 1, run: async (chance) => process.umask(chance.pick([0o22, 0o22, 0, 0o77, '027'])) },
  rm: { often: 6, run: removal('rm', (chance) => ({ recursive: chance.perhaps(0.6), force: chance.perhaps(0.4), maxRetries: chance.pick([undefined, 0, 1]) })) },
  readdir: { often: 10, run: listing },
  opendir: { often: 3, run: entries },
  mkdtemp: { often: 2, run: temporary },
  cp: { often: 8, run: copy },
  chdir: { often: 2, run: visit },
  together: { often: 4, run: together },
  glob: { often: 2, run: found },
};
