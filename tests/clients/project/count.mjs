import { readdirSync, writeFileSync } from 'node:fs'

const files = readdirSync(process.argv[2]).sort()
writeFileSync('counted.json', JSON.stringify(files))
console.log(process.cwd(), files, process.env.npm_lifecycle_event)
