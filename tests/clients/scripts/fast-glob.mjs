// fast-glob: patterns, ignored paths, links and the fields of entries.
import fs from 'node:fs'
import glob from 'fast-glob'

fs.mkdirSync('src/deep/er', { recursive: true })
for (const name of ['src/a.ts', 'src/b.js', 'src/deep/c.ts', 'src/deep/er/d.ts', 'src/.hidden.ts']) fs.writeFileSync(name, name)
fs.symlinkSync('deep', 'src/linked')
console.log((await glob('src/**/*.ts')).sort())
console.log(glob.sync(['**/*.{ts,js}', '!**/deep/**'], { dot: true, ignore: ['node_modules', 'clients'] }).sort())
console.log((await glob('**/*', { cwd: 'src', followSymbolicLinks: false, onlyFiles: false, markDirectories: true })).sort())
console.log((await glob('*', { cwd: `${process.cwd()}/src`, absolute: true })).sort())
const entries = await glob('src/*', { stats: true, objectMode: true, onlyFiles: false })
console.log(entries.map(({ name, path, stats, dirent }) => `${name} ${path} ${stats.isDirectory()} ${dirent.isSymbolicLink()}`).sort())
const streamed = []
for await (const entry of glob.stream('src/**', { deep: 2 })) streamed.push(entry)
console.log(streamed.sort())
console.log(await glob('nowhere/**'), await glob('nowhere/**', { suppressErrors: false }).catch((error) => error.code))
