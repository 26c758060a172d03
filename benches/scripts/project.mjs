// The first things a program does in a project. Words: the project's directory.

import fs from 'node:fs';
import { answer, memory, time } from './answer.mjs';

const [project] = process.argv.slice(2);

await answer({
  ready: () => true,
  first: ({ directory }) => ({
    readdir: time(() => { fs.readdirSync(project); }),
    stat: time(() => { fs.statSync(`${project}/${directory}/file3`); }),
    read: time(() => { fs.readFileSync(`${project}/${directory}/file4`); }),
  }),
  memory: () => memory(fs.readFileSync('/proc/self/status', 'utf8')),
});
