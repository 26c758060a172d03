// Processes that use this program's own descriptors. Their lines are on stdout and stderr, in their place.

import { execFileSync, execSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scenario } from './show.mjs';

const cwd = process.cwd();
const closed = async (line, stdio) => once(spawn('sh', ['-c', line], { cwd, stdio }), 'close');

// First, since a process may take of an input more than it uses.
await scenario('input', () => closed('cat; echo end of input', ['inherit', 'inherit', 'inherit']));
await scenario('inherit', () => closed('echo line 1; echo error 1 >&2', 'inherit'));
await scenario('numbers', () => closed('echo line 2; echo error 2 >&2', [0, 1, 2]));
await scenario('streams', () => closed('echo line 3; echo error 3 >&2', ['ignore', process.stdout, process.stderr]));
await scenario('crossed', () => closed('echo line 4 >&2', ['ignore', 'ignore', 1]));
await scenario('much', () => closed('yes "line 5" | head -n 20000', ['ignore', 'inherit', 'inherit']));
await scenario('no output', () => closed('exit 3', 'inherit'));
await scenario('spawnSync', () => spawnSync('sh', ['-c', 'echo line 6; echo error 6 >&2'], { cwd, stdio: 'inherit' }).output);
await scenario('execSync', () => execSync('echo line 7', { cwd, stdio: 'inherit' }));
await scenario('errors pass through', () => execFileSync('sh', ['-c', 'echo answer; echo error 8 >&2'], { cwd, encoding: 'utf8' }));
await scenario('a file of the temp directory', async () => {
  const place = mkdtempSync(join(tmpdir(), 'inherit-'));
  const fd = openSync(join(place, 'log'), 'w');
  writeSync(fd, 'before\n');
  const end = await closed('echo line 9; echo error 9 >&2', ['ignore', fd, fd]);
  closeSync(fd);
  const log = readFileSync(join(place, 'log'), 'utf8');
  rmSync(place, { recursive: true });
  return [end, log.split('\n').sort()];
});
await scenario('no such descriptor', () => closed('true', ['ignore', 'pipe', 77777]));
