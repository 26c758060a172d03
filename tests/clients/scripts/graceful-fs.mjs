// graceful-fs: more open files than it may have at once, and the global fs patched on top of ours.
import { once } from 'node:events'
import fs from 'node:fs'
import { promisify } from 'node:util'
import gracefulFs from 'graceful-fs'

gracefulFs.gracefulify(fs)
fs.mkdirSync('many')
const names = Array.from({ length: 500 }, (_, index) => `many/${index}.txt`)
await Promise.all(names.map((name) => fs.promises.writeFile(name, name)))
const read = (name) => new Promise((resolve, reject) => {
  gracefulFs.readFile(name, 'utf8', (error, text) => (error ? reject(error) : resolve(text)))
})
const texts = await Promise.all(names.map(read))
console.log(texts.length, texts.every((text, index) => text === names[index]))
const { readdir, open, stat } = gracefulFs
console.log((await promisify(readdir)('many')).length)
gracefulFs.writeFileSync('one.txt', 'one')
gracefulFs.renameSync('one.txt', 'two.txt')
const stream = gracefulFs.createReadStream('two.txt', { encoding: 'utf8' })
stream.on('open', (fd) => console.log('open', typeof fd)).on('data', (text) => console.log(text))
await once(stream, 'close')
const out = gracefulFs.createWriteStream('three.txt', { flags: 'a' })
out.end('three')
await once(out, 'close')
const stats = await promisify(stat)('three.txt')
console.log(stats.size, stats instanceof fs.Stats)
await promisify(open)('nowhere/x', 'r').catch((error) => console.log(error.code, error.syscall, error.path))
