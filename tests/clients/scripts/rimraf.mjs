// rimraf: trees removed by each of its implementations.
import fs from 'node:fs'
import { rimraf, rimrafSync, native, manual, posix, moveRemove } from 'rimraf'

function plant(at) {
  fs.mkdirSync(`${at}/a/b/c`, { recursive: true })
  for (const name of ['a/one', 'a/b/two', 'a/b/c/three']) fs.writeFileSync(`${at}/${name}`, name)
  fs.symlinkSync('../kept', `${at}/link`)
}
fs.mkdirSync('kept')
fs.writeFileSync('kept/file', 'kept')
for (const [name, remove] of Object.entries({ rimraf, native, manual, posix, moveRemove })) {
  plant('tree')
  console.log(name, await remove('tree', { tmp: process.cwd() }), fs.existsSync('tree'))
}
plant('tree')
console.log(rimrafSync('tree/**/two', { glob: true }), fs.readdirSync('tree/a/b'))
console.log(await rimraf('tree', { filter: (path) => !path.endsWith('three') }), fs.readdirSync('tree', { recursive: true }).sort())
console.log(await rimraf(['tree', 'nowhere']), fs.readdirSync('kept'))
