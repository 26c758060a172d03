// fs.watchFile: what it tells, its listeners, its watcher.
import fs from 'node:fs';

const say = (...values) => console.log(JSON.stringify(values, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)));
const pause = (time) => new Promise((done) => setTimeout(done, 2 * time));
const until = async (condition) => { for (let round = 0; !condition() && round < 200; round += 1) await pause(20); };
const changes = [];
const first = (now, before) => changes.push(['first', now.size, before.size, now.nlink, before.nlink]);
const second = (now, before) => changes.push(['second', now.size, before.size, now.ino === before.ino]);
const watcher = fs.watchFile('README.md', { interval: 30 }, first);
say(watcher.constructor.name, watcher === fs.watchFile(`${process.cwd()}/README.md`, { interval: 30 }, second), watcher.listenerCount('change'), typeof watcher.ref, watcher.ref() === watcher, watcher.unref() === watcher, watcher.ref() === watcher);
await pause(150);
fs.appendFileSync('README.md', 'xxxx');
await pause(150);
say(changes.splice(0));
fs.unwatchFile('README.md', first);
fs.writeFileSync('README.md', 'y');
await pause(150);
say(changes.splice(0).at(-1));
fs.unlinkSync('README.md');
await pause(150);
say(changes.splice(0));
fs.writeFileSync('README.md', 'again');
await pause(150);
say(changes.splice(0).at(-1));
watcher.once('stop', () => changes.push(['stop']));
fs.unwatchFile('README.md');
fs.unwatchFile('README.md');
fs.writeFileSync('README.md', 'unseen by all');
await pause(150);
say(changes.splice(0));

const missing = [];
fs.watchFile('none', { interval: 30 }, (now, before) => missing.push([now.size, now.mtimeMs, before.mtimeMs, now.ino, now.isFile(), now.mode, now instanceof fs.Stats]));
await pause(150);
fs.writeFileSync('none', 'there');
await pause(150);
fs.unwatchFile('none');
say(missing.map(([size, , , , file, mode, stats]) => [size, file, mode, stats]).filter(([size]) => size !== 0 || missing.length < 3));
const big = [];
fs.watchFile('empty', { interval: 30, bigint: true }, (now, before) => big.push([now.size, typeof before.size, typeof now.mtimeNs]));
// Changed until it is told of: nothing says when the first look has been taken.
await until(() => { fs.appendFileSync('empty', '.'); return big.length > 0; });
fs.unwatchFile('empty');
fs.writeFileSync('empty', '');
say(typeof big[0]?.[0], big[0]?.slice(1));
const folder = [];
fs.watchFile('src', { interval: 30 }, (now) => folder.push(now.isDirectory()));
let files = 0;
await until(() => { fs.writeFileSync(`src/new${files += 1}`, ''); return folder.length > 0; });
fs.unwatchFile('src');
while (files > 0) fs.unlinkSync(`src/new${files--}`);
say(folder[0]);
for (const args of [[], ['x'], ['x', 5], ['x', {}], ['x', { interval: 'x' }, () => {}], [5, () => {}], ['x', 'y', () => {}]]) {
  try { const made = fs.watchFile(...args); say(args, made?.constructor.name); fs.unwatchFile(args[0]); } catch (error) { say(args, error.code, error.message); }
}
for (const args of [[], [5], ['x'], ['x', 5]]) { try { say(args, fs.unwatchFile(...args) ?? null); } catch (error) { say(args, error.code, error.message); } }
fs.watchFile('README.md', { interval: 30, persistent: false }, () => {});
fs.watchFile('empty', { interval: 60_000 }, () => {}).unref();
