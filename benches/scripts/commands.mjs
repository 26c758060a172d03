// Processes, started and waited for.

import { spawnSync } from 'node:child_process';
import { answer, time } from './answer.mjs';

await answer({
  ready: () => true,
  run: ({ file, words, cwd, input, environment }) => time(() => {
    const env = { ...process.env, ...environment };
    const end = spawnSync(file, words, { cwd, env, input: input ?? '', maxBuffer: 1024 ** 3 });
    if (end.error) throw end.error;
    if (end.status !== 0) throw new Error(`${file} ${words.join(' ')}: ${end.status ?? end.signal}\n${end.stderr}`);
  }),
});
