// isomorphic-git: a repository that git itself reads, and one of git's that it reads.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import git from 'isomorphic-git'

const author = { name: 'A', email: 'a@example.org', timestamp: 1_700_000_000, timezoneOffset: 0 }
const dir = `${process.cwd()}/repository`
await git.init({ fs, dir, defaultBranch: 'main' })
fs.mkdirSync(`${dir}/src`)
fs.writeFileSync(`${dir}/src/a.js`, 'a\n')
fs.writeFileSync(`${dir}/run.sh`, '#!/bin/sh\n', { mode: 0o755 })
fs.symlinkSync('src/a.js', `${dir}/link`)
for (const filepath of ['src/a.js', 'run.sh', 'link']) await git.add({ fs, dir, filepath })
console.log(await git.commit({ fs, dir, message: 'Begin', author, committer: author }))
await git.branch({ fs, dir, ref: 'side', checkout: true })
fs.appendFileSync(`${dir}/src/a.js`, 'more\n')
console.log(await git.statusMatrix({ fs, dir }))
await git.add({ fs, dir, filepath: 'src/a.js' })
console.log(await git.commit({ fs, dir, message: 'Go on', author, committer: author }))
console.log(execFileSync('git', ['-C', dir, 'log', '--stat', '--format=%H %s%n'], { encoding: 'utf8' }))
console.log(JSON.stringify(execFileSync('git', ['-C', dir, 'status', '--short', '--branch'], { encoding: 'utf8' })))

const env = { ...process.env, GIT_AUTHOR_DATE: '1700000000 +0000', GIT_COMMITTER_DATE: '1700000000 +0000' }
const run = (...words) => execFileSync('git', ['-c', 'user.name=B', '-c', 'user.email=b@example.org', '-C', dir, ...words], { env, stdio: 'pipe' })
run('checkout', '-q', 'main')
run('commit', '-q', '--allow-empty', '-m', 'Written by git')
run('gc', '-q')
console.log((await git.log({ fs, dir })).map(({ oid, commit }) => `${oid} ${commit.message.trim()}`))
await git.checkout({ fs, dir, ref: 'side' })
console.log(fs.readFileSync(`${dir}/link`, 'utf8'), await git.currentBranch({ fs, dir }), await git.status({ fs, dir, filepath: 'src/a.js' }))
