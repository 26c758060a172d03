// Symbolic and hard links, renaming, copying, realpath.
import fs from 'node:fs';

const say = (...values) => console.log(JSON.stringify(values));
const code = (action) => { try { return action() ?? 'done'; } catch (error) { return error.code; } };

fs.symlinkSync('README.md', 'soft');
fs.symlinkSync('nowhere', 'dangling');
fs.symlinkSync('loop', 'loop');
say(fs.readlinkSync('soft'), fs.readlinkSync('link'), fs.readlinkSync('link', 'buffer').toString('hex'), code(() => fs.readlinkSync('README.md')));
say(fs.readFileSync('soft', 'utf8').length, fs.existsSync('dangling'), fs.lstatSync('dangling').isSymbolicLink(), code(() => fs.readFileSync('loop')));
say(fs.realpathSync('soft'), fs.realpathSync.native('link/part1.js'), fs.realpathSync('.'), await fs.promises.realpath('link/../last.js').catch((error) => error.code));
say(code(() => fs.realpathSync('dangling')), code(() => fs.realpathSync('none')), code(() => fs.realpathSync('loop')));
fs.linkSync('README.md', 'hard');
say(fs.statSync('hard').nlink, fs.statSync('hard').ino === fs.statSync('README.md').ino, code(() => fs.linkSync('none', 'x')), code(() => fs.linkSync('README.md', 'soft')));
fs.writeFileSync('dangling', 'now there');
say(fs.readFileSync('nowhere', 'utf8'));

fs.renameSync('windows.txt', 'src/moved.txt');
say(fs.existsSync('windows.txt'), fs.readFileSync('src/moved.txt', 'utf8'));
await fs.promises.rename('src/parts', 'parts');
say(fs.readdirSync('parts').length, code(() => fs.readdirSync('link')));
say(code(() => fs.renameSync('none', 'x')), code(() => fs.renameSync('parts', 'README.md')), code(() => fs.renameSync('README.md', 'parts')), code(() => fs.renameSync('src', 'src/below')));

fs.copyFileSync('picture.png', 'copy.png');
say(fs.readFileSync('copy.png').equals(fs.readFileSync('picture.png')), code(() => fs.copyFileSync('picture.png', 'copy.png', fs.constants.COPYFILE_EXCL)), code(() => fs.copyFileSync('none', 'x')));
fs.cpSync('parts', 'copied', { recursive: true });
await fs.promises.cp('copied', 'copied/again', { recursive: true }).catch((error) => say(error.code));
say(fs.readdirSync('copied').sort());
fs.unlinkSync('soft');
say(fs.existsSync('README.md'), code(() => fs.unlinkSync('soft')), code(() => fs.unlinkSync('parts')));
