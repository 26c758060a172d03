// Moves a file of MIB mebibytes in one way and prints the peak memory of the program, pii and the agent, in MiB.
import fs from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';

const [local, way, mib] = process.argv.slice(2);
const size = Number(mib) * 1024 * 1024;
const peak = (status) => Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1024);
const agent = () => peak(execFileSync('sh', ['-c', 'cat /proc/$PPID/status'], { cwd: process.cwd(), encoding: 'utf8' }));
const own = () => peak(fs.readFileSync('/proc/self/status', 'utf8'));
const pii = () => peak(fs.readFileSync(`/proc/${process.ppid}/status`, 'utf8'));
const piece = Buffer.alloc(1024 * 1024);
for (let at = 0; at < piece.length; at += 1) piece[at] = (at * 7919) >> 3;
const make = (path) => { const file = fs.openSync(path, 'w'); for (let at = 0; at < size; at += piece.length) fs.writeSync(file, piece); fs.closeSync(file); };

const [here, far, copy] = [`${local}/big`, 'big', 'copy'];
const ways = {
  'stream up': [here, far, () => pipeline(fs.createReadStream(here), fs.createWriteStream(far))],
  'stream down': [far, here, () => pipeline(fs.createReadStream(far), fs.createWriteStream(here))],
  'stream within': [far, copy, () => pipeline(fs.createReadStream(far), fs.createWriteStream(copy))],
  'copyFile up': [here, far, () => fs.promises.copyFile(here, far)],
  'copyFile down': [far, here, () => fs.promises.copyFile(far, here)],
  'copyFileSync up': [here, far, () => fs.copyFileSync(here, far)],
  'copyFile within': [far, copy, () => fs.promises.copyFile(far, copy)],
  'cp up': [here, far, () => fs.promises.cp(here, far)],
  'pieces': [here, far, () => fs.promises.writeFile(far, fs.createReadStream(here))],
};
const [from, to, move] = ways[way];
make(from);
const before = [own(), pii(), agent()];
const begun = process.hrtime.bigint();
await move();
const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
const after = [own(), pii(), agent()];
if (fs.statSync(to).size !== size) throw new Error('the copy has another size');
fs.rmSync(from);
fs.rmSync(to);
const told = ['program', 'pii', 'agent'].map((who, at) => `${who} ${before[at]} -> ${after[at]}`).join(', ');
console.log(`${way}, ${mib} MiB, ${(Number(mib) / seconds).toFixed(0)} MiB/s: peak MiB before -> after: ${told}`);
