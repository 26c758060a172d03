// Blocking calls of fs. Words: the directory that has the tree of trees.rs.

import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { answer, time, timeEach, timeOfOne } from './answer.mjs';

const [tree] = process.argv.slice(2);

/** @type {Record<string, () => void>} */
const warm = {
  'existsSync, hit': () => { fs.existsSync(`${tree}/warm/name7`); },
  'existsSync, miss': () => { fs.existsSync(`${tree}/warm/missing`); },
  'statSync': () => { fs.statSync(`${tree}/warm/name7`); },
  'readdirSync, 20 names': () => { fs.readdirSync(`${tree}/warm`); },
  'readFileSync, 4 KiB, text': () => { fs.readFileSync(`${tree}/sizes/4k`, 'utf8'); },
  'readFileSync, 4 KiB, Buffer': () => { fs.readFileSync(`${tree}/sizes/4k`); },
  'readFileSync, 64 KiB, text': () => { fs.readFileSync(`${tree}/sizes/64k`, 'utf8'); },
  'readFileSync, 64 KiB, Buffer': () => { fs.readFileSync(`${tree}/sizes/64k`); },
};

/** @type {Record<string, (directory: string) => void>} */
const cold = {
  statSync: (directory) => { fs.statSync(`${directory}/file`); },
  readFileSync: (directory) => { fs.readFileSync(`${directory}/file`); },
};

/** Each makes what it needs beforehand, so that only the call itself is timed. */
/** @type {Record<string, { before?: (path: string) => void, call: (path: string) => void }>} */
const writes = {
  'writeFileSync, new file': { call: (path) => fs.writeFileSync(path, 'content\n') },
  'writeFileSync, present file': { before: (path) => fs.writeFileSync(path, 'old\n'), call: (path) => fs.writeFileSync(path, 'content\n') },
  'appendFileSync': { before: (path) => fs.writeFileSync(path, 'old\n'), call: (path) => fs.appendFileSync(path, 'more\n') },
  'mkdirSync': { call: (path) => { fs.mkdirSync(path); } },
  'renameSync': { before: (path) => fs.writeFileSync(path, 'old\n'), call: (path) => fs.renameSync(path, `${path}.renamed`) },
  'unlinkSync': { before: (path) => fs.writeFileSync(path, 'old\n'), call: (path) => fs.unlinkSync(path) },
};

await answer({
  ready: () => true,
  warm: ({ call, seconds }) => timeOfOne(warm[call], seconds),
  cold: ({ call, directories, seconds }) => timeEach(directories.map((/** @type {string} */ name) => `${tree}/${name}`), seconds, cold[call]),
  listing: ({ directory }) => time(() => {
    for (const name of fs.readdirSync(`${tree}/${directory}`)) fs.statSync(`${tree}/${directory}/${name}`);
  }),
  write: ({ call, count, seconds }) => {
    const folder = `${tree}/written/${randomUUID()}`;
    fs.mkdirSync(folder, { recursive: true });
    const { before, call: write } = writes[call];
    const times = [];
    const end = performance.now() + seconds * 1000;
    for (let turn = 0; turn < count && (turn < 2 || performance.now() < end); turn += 1) {
      before?.(`${folder}/${turn}`);
      times.push(time(() => write(`${folder}/${turn}`)));
    }
    return times;
  },
});
