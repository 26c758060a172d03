// Replaces a file again and again by renaming, beside processes that would go on for ever, until it is killed.
import { spawn } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';

for (const words of ['sleep 1000', 'sleep 1001 & sleep 1002', "trap : HUP; trap '' TERM; sleep 1003; sleep 1004"]) spawn('sh', ['-c', words], { stdio: 'ignore' });
writeFileSync('/root/runs', '');
for (let round = 0; ; round++) {
  writeFileSync('new', `${round}\n`.repeat(50_000));
  renameSync('new', 'whole');
}
