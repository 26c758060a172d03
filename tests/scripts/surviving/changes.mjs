// Changes and processes of every kind that would show if they were done twice, in part or not at all: rounds until a
// file of the laptop says stop, or as many as asked for. Says how many there were, and a digest of all that was seen.
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const [stop, most] = process.argv.slice(2);
const seen = createHash('sha256');
const LINES = 10_000;
const date = '2026-01-02T03:04:05Z';
const env = { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
const git = (...words) => execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { env, encoding: 'utf8' });

/** Numbered lines, to both outputs. */
function numbers() {
  const child = spawn('sh', ['-c', `i=0; while [ $i -lt ${LINES} ]; do echo $i; i=$((i+1)); done; echo end >&2; exit 7`]);
  let text = '';
  child.stdout.on('data', (data) => (text += data));
  let errors = '';
  child.stderr.on('data', (data) => (errors += data));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const expected = Array.from({ length: LINES }, (_, line) => `${line}\n`).join('');
      if (text !== expected) reject(new Error(`${text.length} of ${expected.length} bytes of numbers`));
      resolve([code, signal, errors]);
    });
  });
}

git('init', '-q', '-b', 'main');
writeFileSync('name-0', 'renamed in every round');
mkdirSync('tree');
let counted = numbers();
let round = 0;
for (; most ? round < Number(most) : !existsSync(stop); round++) {
  appendFileSync('log', `${round}\n`);
  renameSync(`name-${round}`, `name-${round + 1}`);
  await mkdir(`tree/${round}/below`, { recursive: true });
  await Promise.all(['a', 'b', 'below/c'].map((name) => writeFile(`tree/${round}/${name}`, `${round} ${name}`, { flag: 'wx' })));
  await Promise.all(['x', 'y'].map((name) => appendFile(`log-${name}`, `${round} `.repeat(1000))));
  if (round >= 20) await rm(`tree/${round - 20}`, { recursive: true });
  seen.update(JSON.stringify(spawnSync('sh', ['-c', `echo ${round}; cat; exit ${round % 9}`], { input: `to ${round}`, encoding: 'utf8' }).output));
  const failed = await promisify(execFile)('sh', ['-c', `echo out ${round}; exit 3`]).catch((error) => `${error.code} ${error.stdout}`);
  seen.update(String(failed));
  if (round % 5 === 4) {
    git('add', '-A');
    git('commit', '-q', '-m', `round ${round}`);
    seen.update(git('rev-parse', 'HEAD'));
    seen.update(JSON.stringify(await counted));
    counted = numbers();
  }
}
seen.update(JSON.stringify(await counted));
seen.update(readFileSync('log'));
console.log(round, seen.digest('hex'));
