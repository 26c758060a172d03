// Ending processes.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { life, said, scenario, thrown, until } from './show.mjs';

const cwd = process.cwd();
const sh = (line, options) => spawn('sh', ['-c', line], { cwd, ...options });
const sleeper = (options) => spawn('sleep', ['60'], { cwd, ...options });
/** Whether a signal of nothing finds it. */
const there = (pid) => !thrown(() => process.kill(pid, 0)).fields;

for (const signal of [undefined, 'SIGTERM', 'SIGKILL', 'SIGINT', 'SIGHUP', 'SIGUSR1', 9, 'sigterm']) {
  await scenario(`kill ${signal}`, async () => {
    const child = sleeper();
    const all = life(child);
    return [child.kill(signal), child.killed, await all];
  });
}
await scenario('kill 0', async () => {
  const child = sleeper();
  const asked = [child.kill(0), child.killed];
  child.kill('SIGKILL');
  await once(child, 'close');
  return [asked, child.kill(0), child.kill()];
});
await scenario('unknown signals', () => {
  const child = sleeper();
  const all = ['SIGNONE', 4711, {}].map((signal) => thrown(() => child.kill(signal)));
  child.kill();
  return all;
});
await scenario('a trap', async () => {
  const child = sh('trap "echo caught; exit 3" TERM; echo ready; while :; do sleep 0.05; done');
  await said(child.stdout, 'ready');
  const all = life(child);
  process.kill(child.pid, 'SIGTERM');
  const { stdout, exitCode, signalCode, killed } = await all;
  return [stdout, exitCode, signalCode, killed];
});
await scenario('stop and go on', async () => {
  const child = sh('echo ready; read line; echo "$line"');
  await said(child.stdout, 'ready');
  child.kill('SIGSTOP');
  child.stdin.end('later\n');
  child.kill('SIGCONT');
  return [await said(child.stdout, 'later'), await once(child, 'close')];
});
await scenario('process.kill', async () => {
  const child = sleeper();
  const seen = [process.kill(child.pid, 0), process.kill(child.pid)];
  await once(child, 'exit');
  return [seen, thrown(() => process.kill(child.pid, 0)), child.killed, child.signalCode];
});
await scenario('process.kill of no group', async () => {
  const child = sleeper();
  const seen = thrown(() => process.kill(-child.pid, 'SIGKILL'));
  child.kill('SIGKILL');
  await once(child, 'close');
  return seen;
});
await scenario('process.kill of a group', async () => {
  const child = sh('sleep 60 & echo $!; wait', { detached: true });
  await once(child.stdout, 'data');
  process.kill(-child.pid, 'SIGKILL');
  const all = await once(child, 'close');
  await until(() => !there(-child.pid));
  return [all, thrown(() => process.kill(-child.pid, 'SIGKILL'))];
});
await scenario('a group outlives its leader', async () => {
  const child = sh('sleep 60 & echo started', { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const exit = await once(child, 'exit');
  const seen = [exit, there(child.pid), there(-child.pid)];
  process.kill(-child.pid, 'SIGKILL');
  await once(child, 'close');
  await until(() => !there(-child.pid));
  return seen;
});
await scenario('bad arguments', () => {
  const child = sleeper();
  const seen = [thrown(() => process.kill(child.pid, 'SIGNONE')), thrown(() => process.kill('x')), thrown(() => process.kill(child.pid, 4711))];
  child.kill();
  return seen;
});
await scenario('timeout', async () => life(sleeper({ timeout: 50 })));
await scenario('timeout and signal', () => life(sleeper({ timeout: 50, killSignal: 'SIGKILL' })));
await scenario('abort', async () => {
  const controller = new AbortController();
  const all = life(sleeper({ signal: controller.signal }));
  controller.abort(new Error('enough'));
  return all;
});
await scenario('aborted before', () => life(sleeper({ signal: AbortSignal.abort() })));
await scenario('abort after the end', async () => {
  const controller = new AbortController();
  const all = await life(spawn('true', { cwd, signal: controller.signal }));
  controller.abort();
  return all;
});
await scenario('disposed', async () => {
  const child = sleeper();
  const all = life(child);
  child[Symbol.dispose]();
  return all;
});
await scenario('ignores TERM', async () => {
  const child = sh('trap "" TERM; echo ready; sleep 0.5 & wait; wait; exec sleep 60');
  await said(child.stdout, 'ready');
  const all = life(child);
  child.kill();
  await new Promise((resolve) => setTimeout(resolve, 100));
  const alive = there(child.pid);
  child.kill('SIGKILL');
  const { exitCode, signalCode, killed } = await all;
  return [alive, exitCode, signalCode, killed];
});
await scenario('ignores the timeout', () => {
  const { error, status, signal, stdout } = spawnSync('sh', ['-c', 'trap "" TERM; sleep 0.6; echo late'], { cwd, timeout: 100, encoding: 'utf8' });
  return [error.code, status, signal, stdout];
});
await scenario('aborted meanwhile', async () => {
  const controller = new AbortController();
  const child = sh('echo ready; exec sleep 60', { signal: controller.signal, killSignal: 'SIGINT' });
  await said(child.stdout, 'ready');
  const all = life(child);
  controller.abort('a reason');
  return all;
});
await scenario('killed before it says anything', async () => {
  const child = sleeper();
  const seen = [child.kill(), child.killed, child.kill(), child.signalCode];
  return [seen, await once(child, 'close'), child.signalCode, child.kill()];
});
await scenario('a signal in its turn', async () => {
  const child = sh('trap "echo usr1" USR1; trap "echo usr2; exit 0" USR2; echo ready; while :; do :; done');
  await said(child.stdout, 'ready');
  const all = life(child);
  child.kill('SIGUSR1');
  await new Promise((resolve) => setTimeout(resolve, 200));
  child.kill('SIGUSR2');
  return all;
});
// A child that a signal ends is told apart from one that goes on, by what it prints when its stdin ends.
const parent = 'sh -c \'trap "exit 0" USR2; echo child >&3; read line; echo "child $line" >&3\' <&0 & trap "echo caught" USR1 CONT WINCH; echo ready >&3; while ! wait; do :; done';
for (const signal of ['SIGUSR1', 'SIGCONT', 'SIGWINCH', 'SIGURG']) {
  await scenario(`${signal} is for the process alone`, async () => {
    const child = spawn('bash', ['-c', `exec 3>&1; ${parent}; echo end`], { cwd, detached: true });
    child.stdin.on('error', () => {});
    let all = '';
    child.stdout.on('data', (data) => { all += data; });
    await until(() => all.includes('ready') && all.includes('child'));
    const sent = [child.kill(signal), child.killed];
    if (signal !== 'SIGURG') await until(() => all.includes('caught'));
    child.stdin.end('lives\n');
    const end = await once(child, 'close');
    return [sent, end, all.split('\n').sort()];
  });
}
for (const signal of ['SIGUSR1', 'SIGALRM']) {
  await scenario(`${signal} to a group`, async () => {
    const child = sh('sleep 60 & echo ready; wait', { detached: true });
    await said(child.stdout, 'ready');
    process.kill(-child.pid, signal);
    return once(child, 'close');
  });
  await scenario(`${signal} leaves the others of a group`, async () => {
    const child = sh('sleep 60 & echo ready; wait', { detached: true });
    await said(child.stdout, 'ready');
    child.kill(signal);
    const exit = await once(child, 'exit');
    const seen = [exit, there(child.pid), there(-child.pid)];
    process.kill(-child.pid, 'SIGKILL');
    await once(child, 'close');
    return seen;
  });
}
await scenario('a stopped process and its child that goes on', async () => {
  const child = sh('exec 4<&0; (read line; echo "child $line") <&4 & echo ready; wait; echo end', { detached: true });
  await said(child.stdout, 'ready');
  const sent = child.kill('SIGSTOP');
  child.stdin.end('goes on\n');
  const seen = await said(child.stdout, 'goes on');
  const closed = once(child, 'close');
  const rest = said(child.stdout, 'end');
  child.kill('SIGCONT');
  return [sent, seen, await rest, await closed];
});
await scenario('a group of a shell and its background', async () => {
  const child = sh('sleep 60 & sleep 60 & echo ready; wait', { detached: true });
  await said(child.stdout, 'ready');
  process.kill(-child.pid, 'SIGTERM');
  return once(child, 'close');
});
await scenario('ended by itself', () => life(sh('kill -USR2 $$')));
await scenario('nothing is left', () => spawnSync('sh', ['-c', 'sleep 0; echo "$?"'], { cwd, encoding: 'utf8' }).stdout);
