// What stat tells, and changing it.
import fs from 'node:fs';

const say = (...values) => console.log(JSON.stringify(values, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)));
const code = (action) => { try { return action() ?? 'done'; } catch (error) { return error.code; } };

for (const name of ['README.md', 'src', 'link', 'empty', 'picture.png', 'src/']) {
  const stat = fs.statSync(name);
  const lstat = await fs.promises.lstat(name);
  say(name, stat.size * stat.isFile(), stat.mode.toString(8), lstat.mode.toString(8), stat.isDirectory(), lstat.isSymbolicLink(), stat.nlink * stat.isFile(), stat.uid, stat.gid);
  say(stat instanceof fs.Stats, stat.mtime instanceof Date, stat.mtimeMs === fs.statSync(name).mtimeMs, stat.mtime.getTime() === Math.round(stat.mtimeMs) || Math.floor(stat.mtimeMs));
}
const big = fs.statSync('README.md', { bigint: true });
say(typeof big.ino, typeof big.mtimeNs, big.size, big.isFile(), Object.keys(big));
say(Object.keys(fs.statSync('README.md')));
say(fs.statSync('none', { throwIfNoEntry: false }) ?? null, code(() => fs.statSync('none')), code(() => fs.statSync('README.md/x')));

fs.utimesSync('README.md', 1_600_000_000.123, new Date(1_700_000_000_456));
let stat = fs.statSync('README.md');
say(stat.atimeMs, stat.mtimeMs, stat.mtime.toISOString());
await fs.promises.utimes('README.md', '1500000000', 1_500_000_001);
stat = fs.statSync('README.md');
say(stat.atime.getTime(), stat.mtime.getTime());
fs.lutimesSync('link', 1, 2);
say(fs.lstatSync('link').mtimeMs, fs.statSync('link').mtimeMs === 2000);
const descriptor = fs.openSync('README.md', 'r+');
fs.futimesSync(descriptor, 3, 4);
fs.fchmodSync(descriptor, 0o640);
say(fs.fstatSync(descriptor).mtimeMs, (fs.fstatSync(descriptor).mode & 0o777).toString(8));
fs.closeSync(descriptor);

fs.chmodSync('windows.txt', 0o600);
fs.chmodSync('latin.txt', '755');
say((fs.statSync('windows.txt').mode & 0o777).toString(8), (fs.statSync('latin.txt').mode & 0o777).toString(8));
fs.chownSync('windows.txt', 1234, 2345);
say(fs.statSync('windows.txt').uid, fs.statSync('windows.txt').gid);
fs.chownSync('windows.txt', 0, 0);
for (const mode of [fs.constants.F_OK, fs.constants.R_OK, fs.constants.W_OK, fs.constants.X_OK]) {
  say(mode, code(() => fs.accessSync('README.md', mode)), code(() => fs.accessSync('latin.txt', mode)), code(() => fs.accessSync('none', mode)));
}
say(await fs.promises.access('none').catch((error) => error.message));
say(fs.existsSync('README.md'), fs.existsSync('none'), fs.existsSync(''), fs.existsSync(undefined));
say(Object.keys(fs.statfsSync('.')));
