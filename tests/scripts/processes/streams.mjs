// What goes in and out of processes.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { createInterface } from 'node:readline';
import { life, scenario, summary } from './show.mjs';

const cwd = process.cwd();
const sh = (line, options) => spawn('sh', ['-c', line], { cwd, ...options });

await scenario('echo', () => {
  const child = spawn('cat', { cwd });
  child.stdin.write('one ');
  child.stdin.end('two');
  return life(child);
});
await scenario('end without a word', () => {
  const child = spawn('cat', { cwd });
  child.stdin.end();
  return life(child);
});
await scenario('every byte', () => {
  const child = spawn('cat', { cwd });
  child.stdin.end(Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));
  return life(child);
});
await scenario('much in and out', async () => {
  const bytes = randomBytes(4 * 1024 * 1024);
  const child = spawn('cat', { cwd });
  child.stdin.end(bytes);
  const seen = await life(child);
  return seen.stdout === summary(bytes) && seen.events;
});
await scenario('much out', () => life(sh('yes 0123456789 | head -c 5000000')));
await scenario('two outputs', () => life(sh('echo out; echo err >&2; exit 5')));
await scenario('much on both', () => life(sh('yes a | head -c 1000000 & yes b | head -c 1000000 >&2; wait')));
await scenario('conversation', async () => {
  const child = sh('while read line; do echo "<$line>"; done');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answers = [];
  for (const word of ['a', 'b', 'c']) {
    child.stdin.write(`${word}\n`);
    answers.push((await lines.next()).value);
  }
  child.stdin.end();
  const [code] = await once(child, 'close');
  return [answers, code];
});
await scenario('slow reader', async () => {
  const child = sh('yes x | head -c 3000000');
  await new Promise((resolve) => setTimeout(resolve, 100));
  let length = 0;
  for await (const piece of child.stdout) length += piece.length;
  return length;
});
await scenario('nobody reads', async () => {
  const child = sh('echo unread; exit 6');
  return once(child, 'close');
});
for (const [name, line] of [['endless', 'exec yes'], ['done', 'head -c 3000000 /dev/zero & exec sleep 60']]) {
  await scenario(`killed unread, ${name}`, async () => {
    const child = sh(line);
    const order = [];
    child.on('exit', (...end) => order.push(['exit', ...end])).on('close', () => order.push('close'));
    await once(child.stdout, 'readable');
    child.kill();
    await once(child, 'exit');
    order.push('still unread');
    child.stdout.resume();
    await once(child, 'close');
    return order;
  });
}
await scenario('ended by itself, unread', async () => {
  const child = sh('head -c 60000 /dev/zero; exit 7');
  const end = await once(child, 'exit');
  let length = 0;
  for await (const piece of child.stdout) length += piece.length;
  return [end, length];
});
await scenario('reader goes', async () => {
  const child = sh('trap "exit 9" PIPE; while :; do echo x || exit 9; done', { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  return once(child, 'close');
});
await scenario('writer to the deaf', async () => {
  const child = sh('exec <&-; echo ready; exec sleep 60');
  await once(child.stdout, 'data');
  const failed = once(child.stdin, 'error');
  child.stdin.write(Buffer.alloc(8_000_000));
  const [error] = await failed;
  child.kill();
  await once(child, 'close');
  return error.code;
});
await scenario('writer to the dead', async () => {
  const child = spawn('true', { cwd });
  child.stdin.on('error', () => {});
  child.stdin.write(Buffer.alloc(8_000_000));
  return once(child, 'close');
});
await scenario('encoding', async () => {
  const child = sh('printf "\\303"; sleep 0.1; printf "\\244"');
  child.stdout.setEncoding('utf8');
  return text(child.stdout);
});
for (const stdio of ['ignore', ['ignore', 'pipe', 'ignore'], ['pipe', 'ignore', 'pipe'], [null, undefined, 'ignore'], ['pipe', 'pipe', 'pipe', 'ignore']]) {
  await scenario(`stdio ${JSON.stringify(stdio)}`, () => {
    const child = sh('cat; echo out; echo err >&2', { stdio });
    child.stdin?.end('in');
    return life(child);
  });
}
await scenario('one into another', async () => {
  const [first, second] = [sh('echo b; echo a'), spawn('sort', { cwd })];
  first.stdout.pipe(second.stdin);
  return life(second);
});
await scenario("one's output as another's input", async () => {
  const first = sh('sleep 0.1; echo b; echo a');
  const second = spawn('sort', { cwd, stdio: [first.stdout, 'pipe', 'inherit'] });
  return life(second);
});
