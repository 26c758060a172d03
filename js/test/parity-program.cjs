'use strict';

// Does every operation of fs in each of its forms in the working directory, and prints what came of it. Run on the
// laptop's disk and through the preload it must print the same.

const fs = require('node:fs');
const path = require('node:path');
const util = require('node:util');
const { pathToFileURL } = require('node:url');

const root = process.cwd();
const say = (/** @type {string} */ label, /** @type {unknown} */ value) => {
  const text = util.inspect(value, { depth: 6, breakLength: 200, sorted: false });
  console.log(`${label}: ${text}`.replaceAll(root, 'ROOT').replace(/-[A-Za-z0-9]{6}(?=['/])/g, '-XXXXXX'));
};

/** What of a value is the same on two disks. @param {any} value @returns {unknown} */
function shown(value) {
  if (value instanceof Error) {
    const error = /** @type {any} */ (value);
    const keys = Reflect.ownKeys(error).filter((key) => key !== 'stack' && typeof key === 'string');
    return { keys, name: error.name, message: error.message, ...Object.fromEntries(keys.map((key) => [key, error[key]])) };
  }
  if (value instanceof fs.Stats || typeof value?.mtimeNs === 'bigint') {
    return { keys: Reflect.ownKeys(value), type: value.constructor.name, mode: value.mode, file: value.isFile(), link: value.isSymbolicLink(), size: value.isFile() && value.size, mtime: value.mtime instanceof Date, whole: typeof value.mtimeMs };
  }
  if (value instanceof fs.Dirent) return { keys: Object.keys(value), name: value.name, parentPath: value.parentPath, dir: value.isDirectory(), link: value.isSymbolicLink() };
  if (value?.constructor?.name === 'StatFs') return { keys: Object.keys(value), type: typeof value.blocks };
  if (value instanceof fs.Dir) return { dir: value.path };
  if (value?.constructor?.name === 'FileHandle') return { handle: typeof value.fd };
  if (Buffer.isBuffer(value) && value.includes(root)) return { bytes: value.toString() };
  if (Buffer.isBuffer(value) && value.length > 1000) return { length: value.length, sum: value.reduce((sum, byte) => (sum * 31 + byte) % 65521, 0) };
  if (Array.isArray(value)) return value.map(shown);
  return value;
}

/** @param {() => any} act @param {string} [name] */
async function outcome(act, name) {
  try {
    const gave = await act();
    if (name !== 'open') return { gave: shown(gave) };
    // The numbers of descriptors differ.
    await gave.close?.();
    return { gave: gave.constructor.name === 'FileHandle' ? 'FileHandle' : 'opened' };
  } catch (error) {
    return { threw: shown(error) };
  }
}

/** A callback's arguments, or what the call threw at once. @param {string} name @param {any[]} args */
const called = (name, args) => new Promise((resolve, reject) => {
  /** @type {any} */ (fs)[name](...args, (/** @type {any[]} */ ...got) => (got[0] instanceof Error ? reject(got[0]) : resolve(got)));
});

/** @param {string} form @param {string} name @param {any[]} args */
function perform(form, name, args) {
  if (form === 'sync') return name === 'realpath.native' ? fs.realpathSync.native(.../** @type {[any]} */ (args)) : /** @type {any} */ (fs)[`${name}Sync`](...args);
  if (form === 'callback') return called(name, args);
  return /** @type {any} */ (fs.promises)[name](...args);
}

/** @param {string} d */
function fixture(d) {
  fs.mkdirSync(`${d}/tree/inner/deep`, { recursive: true });
  fs.writeFileSync(`${d}/plain`, 'plain text\n');
  fs.writeFileSync(`${d}/bytes`, Buffer.from([0, 255, 254, 10, 13, 128]));
  fs.writeFileSync(`${d}/big`, Buffer.alloc(2.5 * 1024 * 1024, 'abcdefg'));
  fs.writeFileSync(`${d}/tree/b`, 'b');
  fs.writeFileSync(`${d}/tree/ä`, 'umlaut');
  fs.writeFileSync(`${d}/tree/inner/c.txt`, 'c');
  fs.writeFileSync(`${d}/tree/inner/deep/d.txt`, 'd');
  fs.symlinkSync('plain', `${d}/link`);
  fs.symlinkSync('nowhere', `${d}/broken`);
  fs.symlinkSync('loop', `${d}/loop`);
  fs.symlinkSync('tree', `${d}/dirlink`);
}

const wrong = /** @type {any} */ ({});
/** @type {(d: string) => [string, ...any[]][]} */
const cases = (d) => [
  ['stat', `${d}/plain`], ['stat', `${root}/${d}/plain`, { bigint: true }], ['stat', pathToFileURL(`${root}/${d}/tree`)], ['stat', Buffer.from(`${d}/link`)],
  ['stat', `${d}/none`], ['stat', `${d}/none`, { throwIfNoEntry: false }], ['stat', `${d}/plain/x`, { throwIfNoEntry: false }], ['stat', `${d}/plain/`], ['stat', `${d}/broken`], ['stat', `${d}/loop`],
  ['stat', `${d}/tree/../plain`], ['stat', `${d}/\0`], ['stat', ''], ['stat', 7], ['stat', undefined], ['stat', Buffer.from(`${d}/none`)], ['stat', pathToFileURL(`${root}/${d}/none`)],
  ['lstat', `${d}/link`], ['lstat', `${d}/none`], ['lstat', `${d}/dirlink/`], ['statfs', d], ['statfs', d, { bigint: true }], ['statfs', `${d}/none`],
  ['access', `${d}/plain`], ['access', `${d}/none`], ['access', `${d}/plain`, fs.constants.R_OK | fs.constants.W_OK], ['access', `${d}/plain`, 99], ['access', `${d}/plain`, 'x'],
  ['exists', `${d}/plain`], ['exists', `${d}/none`], ['exists', wrong],
  ['readFile', `${d}/plain`], ['readFile', `${d}/plain`, 'utf8'], ['readFile', `${d}/bytes`], ['readFile', `${d}/bytes`, { encoding: 'latin1' }], ['readFile', `${d}/none`], ['readFile', d], ['readFile', `${d}/plain`, 'nope'],
  ['readFile', `${d}/plain`, { flag: 'zz' }], ['readFile', `${d}/plain/x`], ['readFile', `${d}/new`, { flag: 'a+', encoding: 'utf8' }], ['readFile', `${d}/loop`],
  ['writeFile', `${d}/w`, 'text'], ['readFile', `${d}/w`, 'utf8'], ['writeFile', `${d}/w`, Buffer.from([1, 2])], ['readFile', `${d}/w`], ['writeFile', `${d}/none/w`, ''], ['writeFile', d, ''], ['writeFile', `${d}/w`, { a: 1 }], ['writeFile', `${d}/w`, 5],
  ['writeFile', `${d}/x`, 'x', { flag: 'wx', mode: 0o600 }], ['stat', `${d}/x`], ['writeFile', `${d}/x`, 'x', { flag: 'wx' }], ['writeFile', `${d}/hex`, 'ff00', 'hex'], ['readFile', `${d}/hex`], ['writeFile', `${d}/u16`, new Uint16Array([1, 2])], ['readFile', `${d}/u16`],
  ['writeFile', `${d}/large`, Buffer.alloc(3 * 1024 * 1024 + 5, 'z')], ['stat', `${d}/large`], ['appendFile', `${d}/w`, 'more'], ['readFile', `${d}/w`], ['appendFile', `${d}/none/w`, ''], ['writeFile', `${d}/f`, 'f', { flush: true }], ['writeFile', `${d}/f`, 'f', { flush: 1 }],
  ['mkdir', `${d}/m`], ['mkdir', `${d}/m`], ['mkdir', `${d}/m/a/b/c`, { recursive: true }], ['mkdir', `${d}/m/a/b/c`, { recursive: true }], ['mkdir', `${root}/${d}/n/o`, { recursive: true }], ['mkdir', `${d}/none/x`], ['mkdir', `${d}/plain/x`, { recursive: true }], ['mkdir', `${d}/plain`, { recursive: true }], ['mkdir', `${d}/mode`, 0o700], ['stat', `${d}/mode`], ['mkdir', `${d}/mode2`, { mode: '0750' }], ['stat', `${d}/mode2`], ['mkdir', `${d}/m`, { recursive: 'x' }],
  ['readdir', d], ['readdir', `${d}/tree`, { withFileTypes: true }], ['readdir', `${d}/tree`, 'buffer'], ['readdir', `${d}/tree`, { encoding: 'buffer', withFileTypes: true }], ['readdir', `${d}/none`], ['readdir', `${d}/plain`], ['readdir', `${d}/tree`, { recursive: true }], ['readdir', `${root}/${d}/tree`, { recursive: true, withFileTypes: true }], ['readdir', `${d}/tree`, { encoding: 'nope' }], ['readdir', `${d}/dirlink/`], ['readdir', `${d}/m/a/b/c`], ['readdir', Buffer.from(`${d}/tree`), { withFileTypes: true }],
  ['readlink', `${d}/link`], ['readlink', `${d}/link`, 'buffer'], ['readlink', `${d}/plain`], ['readlink', `${d}/none`],
  ['realpath', `${d}/link`], ['realpath', `${d}/dirlink/inner/../b`], ['realpath', `${d}/none`], ['realpath', `${d}/none/x/y`], ['realpath', `${d}/broken`], ['realpath', `${d}/plain/x`], ['realpath', ''], ['realpath', '.'], ['realpath', `${d}/tree`, 'buffer'], ['realpath', `${d}/loop`],
  ['symlink', 'some/where', `${d}/s1`], ['readlink', `${d}/s1`], ['symlink', 'x', `${d}/plain`], ['symlink', 'x', `${d}/none/x`], ['symlink', 'x', `${d}/s2`, 'nope'], ['symlink', 5, `${d}/s3`],
  ['link', `${d}/plain`, `${d}/hard`], ['link', `${d}/none`, `${d}/hard2`], ['link', `${d}/plain`, `${d}/hard`], ['rename', `${d}/hard`, `${d}/renamed`], ['rename', `${d}/none`, `${d}/x1`], ['rename', `${d}/renamed`, `${d}/tree`], ['rename', `${d}/renamed`, 5],
  ['unlink', `${d}/renamed`], ['unlink', `${d}/renamed`], ['unlink', `${d}/tree`], ['rmdir', `${d}/tree`], ['rmdir', `${d}/m/a/b/c`], ['rmdir', `${d}/none`], ['rmdir', `${d}/plain`],
  ['chmod', `${d}/plain`, 0o640], ['stat', `${d}/plain`], ['chmod', `${d}/plain`, '644'], ['chmod', `${d}/none`, 0o600], ['chmod', `${d}/plain`, 'z'], ['chown', `${d}/plain`, -1, -1], ['chown', `${d}/none`, 0, 0], ['chown', `${d}/plain`, 'a', 0], ['lchown', `${d}/link`, -1, -1],
  ['utimes', `${d}/plain`, 1000.5, new Date(1234567890123)], ['utimes', `${d}/plain`, '1700000000', 1700000000.123456], ['utimes', `${d}/none`, 1, 1], ['utimes', `${d}/plain`, 'a', 1], ['lutimes', `${d}/link`, 5, 6], ['lutimes', `${d}/none`, 5, 6],
  ['truncate', `${d}/w`, 1], ['readFile', `${d}/w`], ['truncate', `${d}/none`], ['truncate', d, 0], ['truncate', `${d}/w`], ['truncate', `${d}/w`, 'x'],
  ['copyFile', `${d}/plain`, `${d}/copy`], ['readFile', `${d}/copy`, 'utf8'], ['copyFile', `${d}/plain`, `${d}/copy`, fs.constants.COPYFILE_EXCL], ['copyFile', `${d}/none`, `${d}/copy`], ['copyFile', d, `${d}/copy`], ['copyFile', `${d}/plain`, `${d}/copy`, 99],
  ['mkdtemp', `${d}/tmp-`], ['mkdtemp', `${d}/none/tmp-`, 'utf8'], ['mkdtemp', `${d}/tmp-`, 'nope'], ['mkdtemp', 5],
  ['open', `${d}/plain`], ['open', `${d}/none`], ['open', `${d}/none`, 'r+'], ['open', `${d}/plain`, 'q'], ['open', `${d}/plain`, 'wx'], ['open', `${d}/opened`, fs.constants.O_CREAT | fs.constants.O_RDWR, 0o600], ['open', `${d}/plain`, 'r', 'mode'], ['opendir', `${d}/tree`], ['opendir', `${d}/none`], ['opendir', `${d}/plain`], ['opendir', `${d}/tree`, { encoding: 'nope' }],
  ['cp', `${d}/plain`, `${d}/cp1`], ['cp', `${d}/tree`, `${d}/cp2`], ['cp', `${d}/tree`, `${d}/cp2`, { recursive: true }], ['readdir', `${d}/cp2`, { recursive: true }], ['cp', `${d}/none`, `${d}/cp3`], ['cp', `${d}/plain`, `${d}/cp1`, { force: false, errorOnExist: true }], ['cp', `${d}/link`, `${d}/cp4`], ['readlink', `${d}/cp4`], ['cp', `${d}/link`, `${d}/deep/er/cp5`, { verbatimSymlinks: true }], ['readlink', `${d}/deep/er/cp5`], ['cp', `${d}/tree`, `${d}/cp6`, { recursive: true, filter: (/** @type {string} */ from) => !from.endsWith('c.txt') }], ['readdir', `${d}/cp6`, { recursive: true }], ['cp', `${d}/tree`, `${d}/tree/self`, { recursive: true }], ['cp', `${d}/tree`, `${d}/plain`, { recursive: true }], ['cp', `${d}/plain`, `${d}/tree`], ['cp', `${d}/plain`, `${d}/plain`], ['cp', `${d}/plain`, `${d}/cp7`, { recursive: 'x' }],
  ['rm', `${d}/copy`], ['rm', `${d}/copy`], ['rm', `${d}/copy`, { force: true }], ['rm', `${d}/tree`], ['rm', `${d}/dirlink`], ['rm', `${d}/none/x`, { recursive: true }], ['rm', `${d}/none`, { recursive: true, force: true }], ['rm', `${d}/tree`, { recursive: true }], ['rm', `${d}/plain/x`], ['rm', `${d}/plain`, { recursive: 1 }], ['rm', `${d}/broken`, { recursive: true }], ['readdir', d],
];

const descriptors = async () => {
  fs.writeFileSync('fd', '0123456789');
  const fd = fs.openSync('fd', 'r+');
  const buffer = Buffer.alloc(6);
  /** @type {[string, () => any][]} */
  const acts = [
    ['read', () => fs.readSync(fd, buffer, 0, 4, null)], ['read on', () => [fs.readSync(fd, buffer), buffer.toString()]], ['read at', () => [fs.readSync(fd, buffer, 1, 2, 7), buffer.toString()]], ['read big', () => fs.readSync(fd, buffer, { position: 8n })],
    ['read wrong', () => fs.readSync(fd, buffer, 9, 9, 0)], ['read none', () => fs.readSync(fd, wrong)], ['readv', () => fs.readvSync(fd, [buffer.subarray(0, 2), buffer.subarray(2, 3)], 0)],
    ['write', () => fs.writeSync(fd, 'AB', 1)], ['write view', () => fs.writeSync(fd, Buffer.from('xyz'), 1, 1, 9)], ['write str', () => fs.writeSync(fd, 'ff', 5, 'hex')], ['writev', () => fs.writevSync(fd, [Buffer.from('p'), Buffer.from('q')], 3)], ['write wrong', () => fs.writeSync(fd, wrong)],
    ['whole', () => fs.readFileSync('fd', 'latin1')], ['fstat', () => fs.fstatSync(fd)], ['fstat big', () => fs.fstatSync(fd, { bigint: true })], ['ftruncate', () => fs.ftruncateSync(fd, 3)], ['fsync', () => fs.fsyncSync(fd)], ['fdatasync', () => fs.fdatasyncSync(fd)],
    ['futimes', () => fs.futimesSync(fd, 1, 2)], ['fchmod', () => fs.fchmodSync(fd, 0o600)], ['fchown', () => fs.fchownSync(fd, -1, -1)], ['readFile fd', () => fs.readFileSync(fd, 'latin1')], ['writeFile fd', () => fs.writeFileSync(fd, 'tail')],
    ['cb read', () => called('read', [fd, buffer, 0, 2, 0])], ['cb read opt', () => called('read', [fd, { buffer, position: 0 }])], ['cb write', () => called('write', [fd, 'cb', 0])], ['cb readv', () => called('readv', [fd, [Buffer.alloc(2)], 0])], ['cb readFile', () => called('readFile', [fd, 'latin1'])], ['cb wrong', () => called('read', [fd, buffer, 99, 1, 0])],
    ['promisified', () => util.promisify(fs.read)(fd, buffer, 0, 1, 0)], ['promisified write', () => util.promisify(fs.write)(fd, 'z', 0)], ['promisified exists', () => util.promisify(fs.exists)('fd')], ['no callback', () => /** @type {any} */ (fs.read)(fd, buffer, 0, 1, 0)],
    ['close', () => fs.closeSync(fd)], ['closed', () => fs.closeSync(fd)], ['closed read', () => fs.readSync(fd, buffer)], ['closed fstat', () => fs.fstatSync(fd)],
  ];
  for (const [label, act] of acts) say(`fd ${label}`, await outcome(act));
};

const handles = async () => {
  fs.writeFileSync('fh', 'first\nsecond\nthird');
  const handle = await fs.promises.open('fh', 'r+');
  const buffer = Buffer.alloc(5);
  /** @type {[string, () => any][]} */
  const acts = [
    ['read', () => handle.read(buffer)], ['read params', () => handle.read({ buffer, position: 0 })], ['read wrong', () => handle.read(buffer, 99)], ['stat', () => handle.stat()], ['stat big', () => handle.stat({ bigint: true })],
    ['write', () => handle.write('XY', 0)], ['write view', () => handle.write(Buffer.from('Z'), 0, 1, 2)], ['readv', () => handle.readv([buffer], 0)], ['writev', () => handle.writev([Buffer.from('q')], 0)], ['readFile', () => handle.readFile('utf8')], ['truncate', () => handle.truncate(12)],
    ['chmod', () => handle.chmod(0o600)], ['chown', () => handle.chown(-1, -1)], ['utimes', () => handle.utimes(1, 2)], ['sync', () => handle.sync()], ['datasync', () => handle.datasync()], ['appendFile', () => handle.appendFile('app')], ['writeFile', () => handle.writeFile('wf')],
    ['by promises.readFile', () => fs.promises.readFile(handle, 'utf8')], ['by promises.writeFile', () => fs.promises.writeFile(handle, 'pw')], ['whole', () => fs.readFileSync('fh', 'latin1')],
    ['close', () => handle.close()], ['again', () => handle.close()], ['fd', () => handle.fd], ['closed', () => handle.read(buffer)], ['closed stat', () => handle.stat()],
    ['lines', async () => { const lines = []; for await (const line of (await fs.promises.open('fh')).readLines()) lines.push(line); return lines; }],
    ['stream', async () => { const pieces = []; const one = await fs.promises.open('fh'); for await (const piece of one.createReadStream({ start: 1, end: 3, autoClose: false })) pieces.push(piece.toString()); await one.close(); return pieces; }],
    ['web', async () => { const one = await fs.promises.open('fh'); const pieces = []; for await (const piece of one.readableWebStream()) pieces.push(Buffer.from(/** @type {any} */ (piece)).toString()); await one.close(); return pieces; }],
    ['pieces', async () => { await fs.promises.writeFile('it', (function* pieces() { yield 'a'; yield 'b'; })()); return fs.readFileSync('it', 'utf8'); }],
    ['aborted', () => fs.promises.readFile('fh', { signal: AbortSignal.abort('why') })], ['aborted write', () => fs.promises.writeFile('fh', 'x', { signal: AbortSignal.abort('why') })],
    ['wrong signal', () => fs.promises.readFile('fh', { signal: wrong })], ['blob', async () => (await fs.openAsBlob('fh', { type: 'a/b' })).text()], ['blob none', () => fs.openAsBlob('no')],
  ];
  for (const [label, act] of acts) say(`handle ${label}`, await outcome(act));
};

const others = async () => {
  fixture('o');
  const gather = async (/** @type {fs.Dir} */ dir) => { const names = []; for await (const one of dir) names.push(`${one.parentPath} ${one.name} ${one.isDirectory()}`); return names.sort(); };
  /** @type {[string, () => any][]} */
  const acts = [
    ['read stream', async () => { const pieces = []; for await (const piece of fs.createReadStream('o/big', { encoding: 'latin1', start: 3 })) pieces.push(piece); return pieces.join('').length; }], ['read stream none', async () => { for await (const piece of fs.createReadStream('o/none')) say('piece', piece); }],
    ['write stream', () => new Promise((resolve, reject) => { const out = fs.createWriteStream('o/out'); out.on('error', reject); out.on('close', () => resolve([out.bytesWritten, fs.readFileSync('o/out', 'utf8')])); out.write('one '); out.write('two '); out.end('three'); })],
    ['write stream none', () => new Promise((resolve, reject) => { fs.createWriteStream('o/none/out').on('error', reject).on('close', () => resolve(undefined)); })], ['append stream', () => new Promise((resolve) => { fs.createWriteStream('o/out', { flags: 'a' }).end('!', () => resolve(fs.readFileSync('o/out', 'utf8'))); })],
    ['dir', async () => gather(await fs.promises.opendir('o/tree'))], ['dir deep', async () => gather(await fs.promises.opendir('o/tree', { recursive: true }))], ['dir sync', () => { const dir = fs.opendirSync('o/tree'); const names = []; for (let one = dir.readSync(); one; one = dir.readSync()) names.push(one.name); dir.closeSync(); return names.sort(); }],
    ['dir closed', () => { const dir = fs.opendirSync('o/tree'); dir.closeSync(); return dir.readSync(); }],
    ['glob', () => fs.globSync?.('o/**/*.txt').sort()], ['glob whole', () => fs.globSync?.(`${root}/o/tree/*/*.txt`).sort()], ['glob cwd', () => fs.globSync?.('**/c*', { cwd: `${root}/o` })], ['glob types', () => fs.globSync?.(`${root}/o/tree/inner/*`, { withFileTypes: true }).map((one) => `${one.parentPath} ${one.name}`).sort()],
    ['glob promise', async () => { const found = []; for await (const one of fs.promises.glob(['o/tree/*', `${root}/o/p*`])) found.push(one); return found.sort(); }], ['glob callback', async () => /** @type {any} */ (await called('glob', [`${root}/o/*lin*`]))[1].sort()], ['glob literal', () => fs.globSync?.(`${root}/o/plain`)],
    ['cwd', () => [process.cwd(), path.resolve('a')]], ['chdir', () => { process.chdir('o/dirlink'); return [process.cwd(), fs.readdirSync('.'), fs.readFileSync('../plain', 'utf8')]; }], ['chdir none', () => process.chdir('none')], ['chdir file', () => process.chdir('b')], ['chdir wrong', () => process.chdir(wrong)], ['chdir back', () => { process.chdir(root); return process.cwd(); }],
    ['umask', () => { const before = process.umask(0o077); fs.writeFileSync('masked', ''); return [before, process.umask(before), fs.statSync('masked').mode & 0o777]; }],
    ['watch none', () => fs.watch('o/none')], ['watch wrong', () => fs.watch('o', /** @type {any} */ ({ encoding: 'x' }))], ['watch promise none', async () => { for await (const one of fs.promises.watch('o/none')) say('event', one); }],
    ['watch', () => new Promise((resolve) => { const watcher = fs.watch('o/tree', (kind, name) => { watcher.close(); resolve([kind, name]); }); fs.writeFileSync('o/tree/fresh', ''); })],
    ['watch promise', async () => { const stop = new AbortController(); const events = []; setTimeout(() => fs.writeFileSync('o/tree/fresh2', ''), 50); try { for await (const one of fs.promises.watch('o/tree', { signal: stop.signal })) { events.push({ ...one }); stop.abort(); } } catch (error) { events.push(/** @type {any} */ (error).name); } return events; }],
    ['watchFile none', () => new Promise((resolve) => { fs.watchFile('o/none', { interval: 20 }, (now, before) => { fs.unwatchFile('o/none'); resolve([now.size, now.mtimeMs, before.ino, now instanceof fs.Stats]); }); })],
    ['watchFile', () => new Promise((resolve) => { fs.watchFile('o/plain', { interval: 20 }, (now, before) => { fs.unwatchFile('o/plain'); resolve([now.size, before.size]); }); setTimeout(() => fs.writeFileSync('o/plain', 'longer than it was before'), 60); })],
    ['utimes exact', () => { fs.utimesSync('o/plain', new Date(1700000000123), new Date(1700000000456)); const stats = fs.statSync('o/plain', { bigint: true }); return [stats.atimeNs, stats.mtimeNs, fs.statSync('o/plain').mtime.getTime(), fs.statSync('o/plain').mtimeMs]; }],
    ['before 1970', () => { fs.utimesSync('o/plain', new Date(-1500), new Date(-2250)); const stats = fs.statSync('o/plain', { bigint: true }); return [stats.atimeNs, stats.mtimeNs, fs.statSync('o/plain').atimeMs, fs.statSync('o/plain').mtime]; }],
    ['names', () => ['stat', 'readFile', 'open', 'read', 'watch', 'cp', 'mkdtemp'].map((name) => [/** @type {any} */ (fs)[name].name, /** @type {any} */ (fs)[name].length, /** @type {any} */ (fs)[`${name}Sync`]?.length, /** @type {any} */ (fs.promises)[name]?.name, /** @type {any} */ (fs.promises)[name]?.length])],
    ['env file', () => { fs.writeFileSync('.env', 'PARITY_A=1\nPATH=none\n'); process.loadEnvFile(); return [process.env.PARITY_A, process.env.PATH === 'none']; }], ['env file none', () => process.loadEnvFile('o/none')],
    ['stack', () => { try { fs.statSync('none'); } catch (error) { return /** @type {Error} */ (error).stack?.split('\n')[2].replace(/:\d+:\d+/, ''); } }],
    ['new', () => typeof new /** @type {any} */ (fs).createReadStream('o/plain').destroy], ['natives', () => [fs.realpathSync.native('o/link'), typeof fs.realpath.native]],
  ];
  for (const [label, act] of acts) say(`other ${label}`, await outcome(act));
};

async function main() {
  for (const form of ['sync', 'callback', 'promise']) {
    fixture(form);
    for (const [name, ...args] of cases(form)) {
      if (form === 'promise' && !(name in fs.promises)) continue;
      const settled = await outcome(() => perform(form, name, args), name);
      say(`${form} ${name} ${util.inspect(args.map((one) => (one instanceof URL ? one.href : one)), { breakLength: Infinity, depth: 2 }).replaceAll(root, 'ROOT').slice(0, 90)}`, settled);
    }
  }
  await descriptors();
  await handles();
  await others();
}

void main();
