// Errors are Node's own: name, code, number, syscall, path, destination and message.
import fs from 'node:fs';

// Node 22 names the random directory in some forms of mkdtemp and the pattern in others.
const named = (text) => text?.replace(/such-\w{6}/, 'such-XXXXXX');
const tell = (name, error) => console.log(JSON.stringify([name, error instanceof Error, error.constructor.name, error.name, error.code, error.errno, error.syscall, named(error.path), error.dest, named(error.message), Object.keys(error)]));
const calls = {
  readFile: [['none'], ['src'], ['README.md/below']],
  open: [['none', 'r'], ['README.md', 'wx'], ['src', 'w']],
  stat: [['none']], lstat: [['none']], access: [['none'], ['README.md', 1]],
  readdir: [['none'], ['README.md']], mkdir: [['src'], ['no/such']], rmdir: [['none'], ['src']], unlink: [['none'], ['src']],
  rename: [['none', 'other']], link: [['none', 'other']], symlink: [['x', 'README.md']], readlink: [['none'], ['README.md']],
  copyFile: [['none', 'other'], ['README.md', 'no/such']], chmod: [['none', 0o644]], utimes: [['none', 1, 1]], truncate: [['none', 1]],
  writeFile: [['no/such', 'x'], ['src', 'x']], appendFile: [['src', 'x']], realpath: [['none']], mkdtemp: [['no/such-']], rm: [['none'], ['src']], opendir: [['none']],
};
for (const [name, lists] of Object.entries(calls)) {
  for (const list of lists) {
    try { fs[`${name}Sync`](...list); console.log(name, 'done'); } catch (error) { tell(`${name}Sync`, error); }
    await fs.promises[name](...list).then(() => console.log(name, 'done'), (error) => tell(`promises.${name}`, error));
    await new Promise((done) => fs[name](...list, (error) => { if (error) tell(name, error); else console.log(name, 'done'); done(); }));
  }
}
for (const call of [() => fs.readFileSync(7.5), () => fs.readFileSync({}), () => fs.readFileSync('a\0b'), () => fs.statSync(), () => fs.openSync('x', 'nonsense'), () => fs.writeFileSync('x', Symbol.iterator), () => fs.mkdirSync('x', { mode: 'no' }), () => fs.readFile('README.md'), () => fs.closeSync(-1), () => fs.readSync(999999, Buffer.alloc(1)), () => fs.readFileSync('README.md', 'no-such-encoding')]) {
  try { call(); console.log('done'); } catch (error) { console.log(JSON.stringify([error.name, error.code, error.message])); }
}
