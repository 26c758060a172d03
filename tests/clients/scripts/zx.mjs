// zx: shell commands in templates.
import { $, cd, fs, glob, path, within, ProcessOutput } from 'zx'

console.log((await $`pwd`).stdout.trim())
const word = 'a b; $(no)'
console.log((await $`printf '%s\n' ${word} ${['c d', 'e']}`).lines())
console.log(await $`echo out; echo err >&2; exit 3`.nothrow().then(({ exitCode, stdout, stderr }) => [exitCode, stdout, stderr]))
await $`exit 4`.catch((error) => console.log(error instanceof ProcessOutput, error.exitCode))
console.log(await $`seq 5`.pipe($`tail -n 2`).text(), $.sync`echo sync`.text())
console.log((await $({ input: 'b\na\n' })`sort`).lines())
console.log(await $`sleep 60`.timeout('50ms').nothrow().then(({ signal }) => signal))
const slow = $`sleep 60`.nothrow()
setTimeout(() => slow.kill('SIGKILL'), 50)
console.log((await slow).signal)
await fs.outputFile('below/one.txt', 'one')
await within(async () => {
  $.cwd = 'below'
  console.log((await $`ls; cat one.txt`).stdout)
})
cd('below')
console.log(path.relative('..', process.cwd()), (await $`basename $(pwd)`).text(), await glob('*'))
