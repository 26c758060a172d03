// cross-spawn: the same events as those of Node's own.
import spawn from 'cross-spawn'
import fs from 'node:fs'

fs.writeFileSync('tool', '#!/bin/sh\necho "$0 $*"; exit 4\n', { mode: 0o755 })
function told(command, words, options) {
  return new Promise((resolve) => {
    const child = spawn(command, words, options)
    const events = []
    // Into how many pieces an output falls is a matter of time.
    const outputs = { stdout: '', stderr: '' }
    for (const stream of Object.keys(outputs)) child[stream]?.setEncoding('utf8').on('data', (text) => outputs[stream] += text)
    child.on('spawn', () => events.push('spawn')).on('exit', (...how) => events.push(['exit', ...how].join(' ')))
    child.on('error', ({ message, code, path, spawnargs }) => resolve([...events, message, code, path, spawnargs]))
    child.on('close', () => resolve([...events.sort(), outputs]))
  })
}
console.log(await told('git', ['--no-such-option']))
console.log(await told('./tool', ['a b', '"c"', '$HOME']))
console.log(await told('no-such-command', ['x']))
console.log(await told('echo "$((6 * 7))"', [], { shell: true }))
console.log(await told(process.execPath, ['-p', 'process.cwd()']))
console.log(spawn.sync('sh', ['-c', 'cat; exit 5'], { input: 'fed' }).stdout.toString())
const { status, error } = spawn.sync('no-such-command', ['x'])
console.log(status, error.code, error.syscall)
