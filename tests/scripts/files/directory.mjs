// The working directory: the same path for the program, its files and its modules.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const say = (...values) => console.log(JSON.stringify(values));
say(process.cwd(), path.resolve('x'), fs.realpathSync('.'), process.env.PWD === undefined || process.env.PWD === process.cwd());
process.chdir('src');
say(process.cwd(), fs.existsSync('last.js'), fs.readdirSync('.').sort());
process.chdir('parts/..');
say(process.cwd());
process.chdir('..');
for (const to of ['none', 'README.md']) try { process.chdir(to); } catch (error) { say(error.code, error.message, error.path, error.dest); }
fs.mkdirSync('modules');
fs.writeFileSync('modules/package.json', '{"type":"commonjs"}');
fs.writeFileSync('modules/a.js', 'module.exports = { name: __filename, b: require("./b.json"), here: require.resolve("./a") }');
fs.writeFileSync('modules/b.json', '{"word":"json"}');
fs.writeFileSync('modules/c.mjs', 'import data from "./b.json" with { type: "json" }; export { data }; export const url = import.meta.url; export { default as a } from "./a.js"');
const require = createRequire(`${process.cwd()}/`);
say(require('./modules/a'), (await import(`${process.cwd()}/modules/c.mjs`)).url, { ...(await import(`${process.cwd()}/modules/c.mjs`)).data });
try { require('./modules/none'); } catch (error) { say(error.code); }
await import(`${process.cwd()}/modules/none.mjs`).catch((error) => say(error.code));
