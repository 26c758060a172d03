// A directory of 100,000 entries, listed in every way.
import fs from 'node:fs';
import { execFileSync } from 'node:child_process';

const say = (...values) => console.log(JSON.stringify(values));
const shell = (command) => execFileSync('sh', ['-c', command], { cwd: process.cwd() });
shell('mkdir many && cd many && seq 100000 | xargs touch && mkdir inner && ln -s 1 link && touch inner/last');
const names = fs.readdirSync('many');
say(names.length, names[0], names.at(-1), new Set(names).size);
say((await fs.promises.readdir('many')).length, fs.readdirSync('many', 'buffer').length);
const dirents = fs.readdirSync('many', { withFileTypes: true });
say(dirents.length, dirents.filter((one) => one.isFile()).length, dirents.filter((one) => one.isDirectory()).map((one) => one.name), dirents.filter((one) => one.isSymbolicLink()).length);
const count = async (dir) => { let files = 0; let others = []; for await (const one of dir) if (one.isFile()) files += 1; else others.push(one.name); return [files, others.sort()]; };
say(await count(await fs.promises.opendir('many')), await count(await fs.promises.opendir('many', { bufferSize: 1000 })));
const dir = fs.opendirSync('many', { bufferSize: 3 });
const first = [];
for (let at = 0; at < 10; at++) first.push(typeof dir.readSync().name);
say(first.length);
dir.closeSync();
say(fs.readdirSync('.', { recursive: true }).filter((name) => name.startsWith('many')).length);
shell('rm -r many');
