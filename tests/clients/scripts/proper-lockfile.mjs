// proper-lockfile: a lock taken, refused to others, found stale, and given back at the end of the process.
import fs from 'node:fs'
import lockfile from 'proper-lockfile'

fs.writeFileSync('state.json', '{}')
const release = await lockfile.lock('state.json', { stale: 5000, update: 1000 })
console.log(fs.statSync('state.json.lock').isDirectory(), await lockfile.check('state.json'))
await lockfile.lock('state.json').catch((error) => console.log(error.code, error.message))
await release()
console.log(fs.existsSync('state.json.lock'), lockfile.checkSync('state.json'))
await release().catch((error) => console.log(error.code))

fs.mkdirSync('state.json.lock')
const old = new Date(Date.now() - 60_000)
fs.utimesSync('state.json.lock', old, old)
const taken = lockfile.lockSync('state.json', { stale: 5000 })
console.log('taken over', Date.now() - fs.statSync('state.json.lock').mtimeMs < 5000)
taken()

let rest = 3
await Promise.all([1, 2, 3].map(async () => {
  const done = await lockfile.lock('state.json', { retries: { retries: 50, minTimeout: 5, maxTimeout: 20 } })
  const count = JSON.parse(fs.readFileSync('state.json', 'utf8')).count ?? 0
  await fs.promises.writeFile('state.json', JSON.stringify({ count: count + 1 }))
  rest -= 1
  await done()
}))
console.log(rest, fs.readFileSync('state.json', 'utf8'))
lockfile.lockSync('state.json', { onCompromised: (error) => console.log('compromised', error.message) })
process.on('exit', () => console.log('locked at the end', fs.existsSync('state.json.lock')))
