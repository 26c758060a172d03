// fs.watch and fs.watchFile tell what happens; only what every platform promises is printed.
import fs from 'node:fs';

const say = (...values) => console.log(JSON.stringify(values));
const until = async (condition) => { const end = Date.now() + 5000; while (!condition() && Date.now() < end) await new Promise((done) => setTimeout(done, 10)); return condition(); };

const seen = new Set();
const watcher = fs.watch('src', (event, name) => seen.add(`${event} ${name}`));
await new Promise((done) => setTimeout(done, 200));
fs.writeFileSync('src/new.js', 'x');
say(await until(() => seen.has('rename new.js') && seen.has('change new.js')));
fs.renameSync('src/new.js', 'src/renamed.js');
say(await until(() => seen.has('rename renamed.js')));
fs.unlinkSync('src/renamed.js');
watcher.close();
seen.clear();
fs.writeFileSync('src/after.js', '');
await new Promise((done) => setTimeout(done, 200));
say([...seen]);

const changes = [];
fs.watchFile('README.md', { interval: 50 }, (now, before) => changes.push([now.size, before.size]));
await new Promise((done) => setTimeout(done, 200));
fs.appendFileSync('README.md', 'more');
await until(() => changes.length > 0);
fs.unwatchFile('README.md');
say(changes[0][0] - changes[0][1]);

const controller = new AbortController();
setTimeout(() => fs.writeFileSync('link/part1.js', 'changed'), 200);
try {
  for await (const { filename } of fs.promises.watch('src/parts', { signal: controller.signal })) { say(filename); controller.abort(); }
} catch (error) { say(error.name); }
try { fs.watch('none'); } catch (error) { say(error.code, error.syscall, error.filename); }
const deep = new Set();
const recursive = fs.watch('.', { recursive: true }, (_, name) => deep.add(name));
await new Promise((done) => setTimeout(done, 300));
fs.writeFileSync('src/parts/part2.js', 'deep');
say(await until(() => deep.has('src/parts/part2.js')));
recursive.close();
