// What every timed script stands on: questions come as lines of JSON on stdin, answers go as lines of JSON to stdout,
// so that who measures decides whose turn it is. Times are seconds.

import { statSync } from 'node:fs';
import { createInterface } from 'node:readline';

// Through pii a program begins before the agent answers. What is measured begins after that.
statSync('.');

/**
 * Answers questions until stdin ends.
 * @param {Record<string, (question: any) => unknown>} answers by what a question asks to `do`
 */
export async function answer(answers) {
  for await (const line of createInterface({ input: process.stdin })) {
    const question = JSON.parse(line);
    process.stdout.write(`${JSON.stringify(await answers[question.do](question))}\n`);
  }
}

/**
 * Seconds that a blocking call takes.
 * @param {() => void} call
 */
export function time(call) {
  const start = performance.now();
  call();
  return (performance.now() - start) / 1000;
}

/**
 * Seconds that one of many calls takes, found by calling for about so long. The clock is read the more rarely the
 * faster the call is.
 * @param {() => void} call
 * @param {number} seconds
 */
export function timeOfOne(call, seconds) {
  let [calls, piece, spent] = [0, 1, 0];
  while (spent < seconds) {
    const took = time(() => { for (let turn = 0; turn < piece; turn += 1) call(); });
    calls += piece;
    spent += took;
    if (took < seconds / 8) piece *= 2;
  }
  return spent / calls;
}

/**
 * The time of each call on the next of some names, until the names or the seconds are used up. There is always one.
 * @param {string[]} names
 * @param {number} seconds
 * @param {(name: string) => void} call
 */
export function timeEach(names, seconds, call) {
  const times = [];
  let spent = 0;
  for (const name of names) {
    const took = time(() => call(name));
    times.push(took);
    spent += took;
    if (spent > seconds) break;
  }
  return times;
}

/**
 * Peak and present memory of a /proc/PID/status, in MiB.
 * @param {string} status
 */
export function memory(status) {
  const mebibytes = (/** @type {string} */ name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024;
  return { peak: mebibytes('VmHWM'), now: mebibytes('VmRSS') };
}
