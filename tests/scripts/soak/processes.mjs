// Many processes and much data, and what they leave in the program, in pii and in the agent.
// Words: processes one after another, processes at once, MiB each way. Fails where something grows.

import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';

const [inARow, atOnce, mebibytes] = process.argv.slice(2).map(Number);
const cwd = process.cwd();
const MIB = 1024 * 1024;

/** Growth that is no leak: what allocators keep (Node's of the data a program reads, most), threads that wait for work,
 *  pipes of the process that asks. */
const SLACK = { rss: 16, heap: 8, descriptors: 12, threads: 4 };
/** Memory of a Node that has not collected its garbage lately says little: its heap, after a collection, does. */
const NODE_RSS = 160;
/** Most memory of pii and of the agent, in MiB, whatever passes through them. */
const CEILING = 64;

/** The facts of a /proc/PID: MiB now and at most, descriptors, threads. */
function facts(status, descriptors) {
  const number = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)[1]);
  return { rss: Math.round(number('VmRSS') / 1024), peak: Math.round(number('VmHWM') / 1024), descriptors, threads: number('Threads') };
}

function local(pid) {
  return facts(readFileSync(`/proc/${pid}/status`, 'utf8'), readdirSync(`/proc/${pid}/fd`).length);
}

/** The agent is the parent of what it starts. */
function agent() {
  const status = execFileSync('sh', ['-c', 'cat /proc/$PPID/status'], { cwd, encoding: 'utf8' });
  const descriptors = execFileSync('sh', ['-c', 'ls /proc/$PPID/fd'], { cwd, encoding: 'utf8' });
  return facts(status, descriptors.split('\n').length - 1);
}

const everyone = () => {
  globalThis.gc?.();
  return { program: { ...local(process.pid), heap: Math.round(process.memoryUsage().heapUsed / MIB) }, pii: local(process.ppid), agent: agent() };
};

const failures = [];
let before = everyone();

async function measure(name, work) {
  const start = performance.now();
  const said = await work(start);
  const seconds = (performance.now() - start) / 1000;
  const after = everyone();
  console.log(`${name}: ${seconds.toFixed(1)} s${said ? `, ${said(seconds)}` : ''}`);
  for (const [who, now] of Object.entries(after)) {
    const was = before[who];
    console.log(`  ${who.padEnd(8)} ${now.rss} MiB (before ${was.rss}, at most ${now.peak}), ${now.heap === undefined ? '' : `heap ${now.heap} MiB (${was.heap}), `}${now.descriptors} descriptors (${was.descriptors}), ${now.threads} threads (${was.threads})`);
    for (const [what, slack] of Object.entries(SLACK)) {
      const room = who === 'program' && what === 'rss' ? NODE_RSS : slack;
      if (now[what] > was[what] + room) failures.push(`${name}: ${what} of ${who} grew from ${was[what]} to ${now[what]}`);
    }
    if (who !== 'program' && now.peak > CEILING) failures.push(`${name}: ${who} took ${now.peak} MiB`);
  }
}

const one = async (line) => {
  const child = spawn('sh', ['-c', line], { cwd });
  child.stdout.resume();
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${line}: exit code ${code}`);
  return child.pid;
};

// What a first process loads, and what threads a first crowd leaves waiting, are no growth.
await Promise.all(Array.from({ length: atOnce }, () => one('echo x')));
for (let turn = 0; turn < 20; turn += 1) execFileSync('true', { cwd });
before = everyone();

await measure(`${inARow} processes one after another`, async () => {
  let last;
  for (let turn = 0; turn < inARow; turn += 1) last = await one('echo x');
  try {
    process.kill(last, 0);
    failures.push('the last process is still there for process.kill');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
  return (seconds) => `${(1000 * seconds / inARow).toFixed(2)} ms each`;
});

await measure(`${inARow / 10} that block`, async () => {
  for (let turn = 0; turn < inARow / 10; turn += 1) execFileSync('true', { cwd });
  return (seconds) => `${(10_000 * seconds / inARow).toFixed(2)} ms each`;
});

await measure(`${atOnce} processes at once`, async () => {
  await Promise.all(Array.from({ length: atOnce }, () => promisify(execFile)('sh', ['-c', 'sleep 0.2; seq 1 1000'], { cwd })));
});

await measure(`${mebibytes} MiB out, read slowly at first`, async () => {
  const child = spawn('head', ['-c', String(mebibytes * MIB), '/dev/zero'], { cwd });
  await new Promise((resolve) => setTimeout(resolve, 500));
  let length = 0;
  for await (const piece of child.stdout) length += piece.length;
  if (length !== mebibytes * MIB) failures.push(`${length} bytes came out`);
  return (seconds) => `${(mebibytes / seconds).toFixed(0)} MiB/s`;
});

await measure(`${mebibytes} MiB in`, async () => {
  const child = spawn('wc', ['-c'], { cwd });
  const piece = Buffer.alloc(MIB);
  for (let count = 0; count < mebibytes; count += 1) if (!child.stdin.write(piece)) await once(child.stdin, 'drain');
  child.stdin.end();
  const [said] = await once(child.stdout.setEncoding('utf8'), 'data');
  if (Number(said) !== mebibytes * MIB) failures.push(`${said.trim()} bytes went in`);
  return (seconds) => `${(mebibytes / seconds).toFixed(0)} MiB/s`;
});

await measure('a process that never stops writing', async () => {
  const child = spawn('yes', { cwd });
  await once(child.stdout, 'data');
  child.stdout.pause();
  await new Promise((resolve) => setTimeout(resolve, 300));
  child.stdout.destroy();
  const [, signal] = await once(child, 'exit');
  if (signal !== 'SIGPIPE') failures.push(`yes ended by ${signal}`);
});

for (const failure of failures) console.log(`GREW ${failure}`);
process.exitCode = failures.length === 0 ? 0 : 1;
