// Files of the directory as descriptors of a child Node.

import { execFileSync, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, createReadStream, createWriteStream, mkdtempSync, openSync, promises, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { life, result, scenario, summary, thrown, until } from './show.mjs';

const cwd = process.cwd();
const place = join(cwd, mkdtempSync('node-files-'));
process.on('exit', () => rmSync(place, { recursive: true }));
const at = (name) => join(place, name);
const fixed = (value) => JSON.parse(JSON.stringify(value).replaceAll(place, 'PLACE').replaceAll(process.execPath, 'NODE'));
const node = (text, options) => spawn(process.execPath, ['-e', text], { cwd, ...options });
const content = (name) => summary(readFileSync(at(name)));
const SAYS = "process.stdout.write('out\\n'); process.stderr.write('err\\n'); process.exitCode = 3";

await scenario('output', async () => {
  const fd = openSync(at('output'), 'w');
  writeSync(fd, 'before\n');
  const seen = await life(node(SAYS, { stdio: ['ignore', fd, fd] }));
  writeSync(fd, 'after\n');
  closeSync(fd);
  return [fixed(seen), content('output')];
});
await scenario('one file and one pipe', async () => {
  const fd = openSync(at('one'), 'w');
  const seen = await life(node(SAYS, { stdio: ['pipe', fd, 'pipe'] }));
  closeSync(fd);
  return [fixed(seen), content('one')];
});
await scenario('closed at once', async () => {
  const fd = openSync(at('closed'), 'a');
  const child = node(SAYS, { stdio: ['ignore', fd, 'ignore'] });
  closeSync(fd);
  const refused = thrown(() => writeSync(fd, 'x')).fields;
  return [refused, fixed(await life(child)), content('closed')];
});
await scenario('appended to by two', async () => {
  writeFileSync(at('log'), 'first\n');
  const children = ['one', 'two'].map((word) => {
    const fd = openSync(at('log'), 'a');
    const child = node(`console.log('${word}')`, { stdio: ['ignore', fd, fd] });
    closeSync(fd);
    return child;
  });
  const ends = await Promise.all(children.map((child) => once(child, 'close')));
  return [ends, readFileSync(at('log'), 'utf8').split('\n').sort()];
});
await scenario('all of it is there at the exit', async () => {
  const fd = openSync(at('much'), 'w');
  const child = node("process.stdout.write('some bytes '.repeat(300_000))", { stdio: ['ignore', fd, 'inherit'] });
  closeSync(fd);
  const exit = await once(child, 'exit');
  return [exit, content('much'), child.stdout];
});
await scenario('a signal', async () => {
  const fd = openSync(at('signal'), 'w');
  const child = node("console.log('ready'); setInterval(() => {}, 1000)", { stdio: ['ignore', fd, fd] });
  await until(() => content('signal') === 'ready\n');
  const end = once(child, 'close');
  const sent = child.kill();
  const seen = [sent, await end, child.kill(), child.signalCode, child.killed];
  closeSync(fd);
  return seen;
});
await scenario('input', async () => {
  writeFileSync(at('input'), 'first\nsecond\n');
  const fd = openSync(at('input'));
  const child = node("process.stdin.pipe(process.stdout)", { stdio: [fd, 'pipe', 'inherit'] });
  closeSync(fd);
  return fixed(await life(child));
});
await scenario('from one to another', async () => {
  writeFileSync(at('large'), 'much to read '.repeat(200_000));
  const [from, to] = [openSync(at('large')), openSync(at('copy'), 'w')];
  const end = await once(node('process.stdin.pipe(process.stdout)', { stdio: [from, to, 'inherit'] }), 'close');
  [from, to].forEach(closeSync);
  return [end, content('copy') === content('large')];
});
await scenario('input that is not read', async () => {
  const fd = openSync(at('large'));
  const child = node("console.log('done')", { stdio: [fd, 'pipe', 'inherit'] });
  closeSync(fd);
  return fixed(await life(child));
});
await scenario('streams and a FileHandle', async () => {
  const handle = await promises.open(at('handle'), 'w');
  const [to, from] = [createWriteStream(at('stream')), createReadStream(at('input'))];
  await Promise.all([once(to, 'open'), once(from, 'open')]);
  const child = node("process.stdin.pipe(process.stdout); console.error('err')", { stdio: [from, to, handle] });
  const end = await once(child, 'close');
  from.destroy();
  await new Promise((resolve) => to.end('at the end\n', resolve));
  await handle.close();
  return [end, content('stream'), content('handle')];
});
await scenario('blocking', () => {
  const fd = openSync(at('sync'), 'w');
  const all = fixed(result(spawnSync(process.execPath, ['-e', SAYS], { cwd, stdio: ['ignore', fd, fd], encoding: 'utf8' })));
  closeSync(fd);
  return [all, content('sync')];
});
await scenario('blocking, from a file', () => {
  const fd = openSync(at('input'));
  const all = fixed(result(spawnSync(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)'], { cwd, stdio: [fd, 'pipe', 'inherit'], encoding: 'utf8' })));
  closeSync(fd);
  return all;
});
await scenario('blocking, by the other functions', () => {
  const fd = openSync(at('file'), 'w');
  const said = execFileSync(process.execPath, ['-p', '1 + 1'], { cwd, stdio: ['ignore', fd, 'inherit'] });
  closeSync(fd);
  return [said, content('file')];
});
await scenario('with a channel', async () => {
  writeFileSync(at('child.cjs'), "process.on('message', (m) => { console.log('got', m); process.disconnect(); }); process.send('up');");
  const fd = openSync(at('channel'), 'w');
  const child = fork(at('child.cjs'), { cwd: place, stdio: ['ignore', fd, fd, 'ipc'] });
  closeSync(fd);
  const [up] = await once(child, 'message');
  child.send({ a: 1 });
  const end = await once(child, 'close');
  return [up, end, content('channel'), child.stdio.length];
});
await scenario('detached and let go', async () => {
  const fd = openSync(at('detached'), 'a');
  const child = node("setTimeout(() => console.log('later'), 100)", { stdio: ['ignore', fd, fd], detached: true });
  child.unref();
  closeSync(fd);
  await until(() => content('detached') === 'later\n');
  return 'later';
});
await scenario('what holds the file is not waited for', async () => {
  const fd = openSync(at('held'), 'w');
  const text = "require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20000)'], { stdio: 'inherit', detached: true }).unref(); console.log(process.pid)";
  const started = Date.now();
  const end = await once(node(text, { stdio: ['ignore', fd, 'ignore'], detached: true }), 'close');
  closeSync(fd);
  return [end, /^\d+\n$/.test(content('held')), Date.now() - started < 10_000];
});
await scenario('no such directory', async () => {
  const fd = openSync(at('none'), 'w');
  const seen = await life(node('1', { cwd: at('nowhere'), stdio: ['ignore', fd, 'pipe'] }));
  closeSync(fd);
  return fixed(seen);
});
await scenario('a listener throws', async () => {
  const fd = openSync(at('throws'), 'w');
  const caught = once(process, 'uncaughtException');
  node('1', { stdio: ['ignore', fd, fd] }).on('exit', () => { throw new Error('from a listener'); });
  const [error, origin] = await caught;
  closeSync(fd);
  return [error.message, origin];
});
