// The very events of fs.watch, in their order: of a directory, of a file, and of a git HEAD that is replaced.
import fs from 'node:fs';
import { execFileSync } from 'node:child_process';

const say = (...values) => console.log(JSON.stringify(values));
const settled = () => new Promise((done) => setTimeout(done, 120));

/** Watches, does one thing after the other, and prints what was told of each. A mark made in a directory says when all has come. */
async function told(path, options, acts) {
  const mark = `${path}/.mark`;
  const marks = fs.statSync(path).isDirectory();
  if (marks) fs.writeFileSync(mark, '');
  let events = [];
  let wake = () => {};
  const watcher = fs.watch(path, options, (event, name) => {
    if (/^(\.mark|2e6d61726b)$/.test(String(name))) wake();
    // The kernel joins what nobody has read yet.
    else if (events.at(-1) !== `${event} ${name}`) events.push(`${event} ${name}`);
  });
  watcher.on('error', (error) => events.push(`error ${error.code}`));
  watcher.on('close', () => events.push('close'));
  for (const [label, act] of Object.entries(acts)) {
    events = [];
    act();
    if (marks && fs.existsSync(mark)) await new Promise((done) => { wake = done; fs.utimesSync(mark, 1, 1); });
    else await settled();
    say(path, label, events);
  }
  watcher.close();
}

fs.mkdirSync('w/sub', { recursive: true });
await told('w', {}, {
  create: () => fs.writeFileSync('w/a', ''),
  write: () => fs.writeFileSync('w/a', 'text'),
  append: () => fs.appendFileSync('w/a', 'more'),
  chmod: () => fs.chmodSync('w/a', 0o600),
  times: () => fs.utimesSync('w/a', 1, 2),
  link: () => fs.linkSync('w/a', 'w/b'),
  symlink: () => fs.symlinkSync('a', 'w/l'),
  rename: () => fs.renameSync('w/a', 'w/c'),
  replace: () => { fs.writeFileSync('w/new', 'x'); fs.renameSync('w/new', 'w/c'); },
  out: () => fs.renameSync('w/c', 'c-out'),
  into: () => fs.renameSync('c-out', 'w/c-in'),
  mkdir: () => fs.mkdirSync('w/dir'),
  chmoddir: () => fs.chmodSync('w/dir', 0o700),
  below: () => fs.writeFileSync('w/sub/unseen', ''),
  rmdir: () => fs.rmdirSync('w/dir'),
  truncate: () => fs.truncateSync('w/c-in', 0),
  read: () => fs.readFileSync('w/c-in'),
  unlink: () => fs.unlinkSync('w/c-in'),
  own: () => fs.chmodSync('w', 0o755),
  two: () => { fs.writeFileSync('w/one', '1'); fs.writeFileSync('w/two', '2'); fs.unlinkSync('w/one'); },
  moved: () => fs.renameSync('w', 'w2'),
  after: () => fs.writeFileSync('w2/late', ''),
  gone: () => execFileSync('rm', ['-r', 'w2'], { cwd: process.cwd() }),
});
fs.writeFileSync('file', 'one');
await told('file', {}, {
  write: () => fs.writeFileSync('file', 'two'),
  chmod: () => fs.chmodSync('file', 0o600),
  link: () => fs.linkSync('file', 'file2'),
  replace: () => { fs.writeFileSync('file.tmp', 'x'); fs.renameSync('file.tmp', 'file'); },
  'after replacing': () => fs.writeFileSync('file', 'unseen'),
  unlink: () => fs.unlinkSync('file'),
});
await told('link', { encoding: 'hex' }, { create: () => fs.writeFileSync('link/fresh', '') });
await told('src/', { encoding: 'buffer' }, { create: () => fs.writeFileSync('src/fresh', '') });
fs.mkdirSync('repo');
execFileSync('git', ['init', '-q', '-b', 'main'], { cwd: `${process.cwd()}/repo` });
await told('repo/.git/HEAD', {}, { switch: () => execFileSync('git', ['symbolic-ref', 'HEAD', 'refs/heads/other'], { cwd: `${process.cwd()}/repo` }) });
const heads = new Set();
const git = fs.watch('repo/.git', (event, name) => heads.add(`${event} ${name}`));
await settled();
execFileSync('git', ['symbolic-ref', 'HEAD', 'refs/heads/third'], { cwd: `${process.cwd()}/repo` });
await settled();
git.close();
say([...heads]);

// Closing in its own callback, twice, by a signal; ref and unref; what cannot be watched.
const closed = [];
const one = fs.watch('src', () => { closed.push('event'); one.close(); one.close(); });
one.on('close', () => closed.push('close'));
await settled();
fs.writeFileSync('src/closing', '1');
fs.writeFileSync('src/closing', '2');
await settled();
say(closed);
for (const signal of [AbortSignal.abort(), (() => { const late = new AbortController(); setTimeout(() => late.abort(), 50); return late.signal; })()]) {
  const stopped = [];
  const watcher = fs.watch('src', { signal }, () => stopped.push('event'));
  watcher.on('close', () => stopped.push('close')).on('error', (error) => stopped.push(error.name));
  await settled();
  fs.writeFileSync('src/stopped', '1');
  await settled();
  say(stopped, watcher.ref() === watcher, watcher.unref() === watcher);
}
for (const args of [['none'], ['README.md/x'], ['src', 5], ['src', { persistent: 'x' }], ['src', { recursive: 'x' }], ['src', { encoding: 'no' }], ['src', 'no'], ['src', {}, 5], [''], [5], ['src', { signal: 5 }]]) {
  try { fs.watch(...args).close(); say(args, 'watched'); } catch (error) { say(args, error.name, error.code, error.message, error.path, error.filename, error.syscall, Object.keys(error)); }
}

// Iterators.
const collect = async (path, options, act, count) => {
  const found = [];
  const stop = new AbortController();
  setTimeout(act, 150);
  const timer = setTimeout(() => stop.abort('late'), 1500);
  try {
    for await (const event of fs.promises.watch(path, { ...options, signal: stop.signal })) { if (JSON.stringify(found.at(-1)) !== JSON.stringify({ ...event })) found.push({ ...event }); if (found.length === count) { clearTimeout(timer); stop.abort('why'); } }
  } catch (error) { found.push([error.constructor.name, error.name, error.code, error.cause]); }
  return found;
};
say(await collect('src', {}, () => { fs.writeFileSync('src/it', ''); fs.writeFileSync('src/it', 'x'); fs.renameSync('src/it', 'src/it2'); }, 4));
say(await collect('src', { encoding: 'buffer' }, () => fs.writeFileSync('src/it3', ''), 1));
const iterator = fs.promises.watch('src')[Symbol.asyncIterator]();
const pending = iterator.next();
const wrote = settled().then(() => fs.writeFileSync('src/it4', ''));
say(Object.keys((await pending).value), await iterator.return(), await iterator.next());
await wrote;
// It begins with the first question.
const early = fs.promises.watch('src')[Symbol.asyncIterator]();
const first = early.next();
fs.writeFileSync('src/at-once', '');
say((await first).value, await early.return());
for (const [path, options] of [['none', {}], ['src', { signal: AbortSignal.abort('before') }], ['src', { signal: 5 }], ['src', { overflow: 'x' }], ['src', 5], [5, {}]]) {
  const again = setInterval(() => fs.writeFileSync('src/it4', 'again'), 50);
  try { for await (const event of fs.promises.watch(path, options)) { say(path, options, 'event'); break; } } catch (error) { say(path, error.name, error.code, error.message, error.cause ?? null); }
  clearInterval(again);
}
fs.writeFileSync('src/it4', 'again');
// What was refused late is left watching.
process.exit(0);
