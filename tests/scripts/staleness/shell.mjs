// A shell on the remote that changes things, and says when it has.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** @param {string} cwd Where it runs. */
export function shellIn(cwd) {
  const shell = spawn('sh', [], { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
  const said = createInterface({ input: shell.stdout })[Symbol.asyncIterator]();
  return {
    /** @param {string} command Done when the shell has said so. */
    async remotely(command) {
      shell.stdin.write(`${command}\necho done\n`);
      const { value } = await said.next();
      if (value !== 'done') throw new Error(`the shell said ${value}`);
    },
    end: () => shell.stdin.end(),
  };
}
