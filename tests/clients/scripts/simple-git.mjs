// simple-git: a repository from its beginning to a merge.
import fs from 'node:fs'
import { simpleGit } from 'simple-git'

fs.mkdirSync('repository')
const git = simpleGit({ baseDir: `${process.cwd()}/repository`, config: ['user.name=A', 'user.email=a@example.org'] })
await git.init(['--initial-branch=main'])
fs.writeFileSync('repository/a.txt', 'a\n')
console.log((await git.status()).not_added)
await git.add('.')
console.log((await git.commit('Begin')).summary)
await git.checkoutLocalBranch('side')
fs.appendFileSync('repository/a.txt', 'more\n')
console.log((await git.diffSummary()).files)
await git.commit('Go on', ['a.txt'])
await git.checkout('main')
console.log((await git.merge(['side', '--no-ff'])).result)
console.log((await git.log()).all.map(({ message }) => message).sort(), (await git.branch()).all)
console.log(await git.checkIsRepo(), (await git.revparse(['--show-toplevel'])).replace(process.cwd(), '.'))
await git.checkout('nowhere').catch((error) => console.log(error.constructor.name, error.message.trim()))
await simpleGit('repository').clone('.', '../cloned')
console.log(fs.readdirSync('cloned').sort(), (await git.raw('ls-files', '--eol')).trim())
