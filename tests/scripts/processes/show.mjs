// What the scripts of this folder share: each prints JSON lines that are the same wherever its processes run.

import { createHash } from 'node:crypto';
import { once } from 'node:events';

/** Prints one observation. */
export function show(name, value) {
  process.stdout.write(`${JSON.stringify({ name, value })}\n`);
}

/** Runs one scenario and prints what it returns or throws. */
export async function scenario(name, action) {
  try {
    show(name, await action());
  } catch (error) {
    show(name, { thrown: failure(error) });
  }
}

/** An error's own fields in their order, with what they are called and say; pids are left out. */
export function failure(error) {
  const fields = Object.entries(error).filter(([field]) => field !== 'pid').map(([field, value]) => [field, plain(value, error)]);
  const { name, message, cause } = error;
  return { name, message, ...(cause !== undefined && { cause: String(cause) }), fields };
}

function plain(value, owner) {
  if (value === owner) return 'itself';
  if (value instanceof Error) return value.message;
  if (Buffer.isBuffer(value)) return `buffer ${value}`;
  return Array.isArray(value) ? value.map((item) => plain(item, owner)) : value;
}

/** A result of spawnSync, in its order. */
export function result(of) {
  return Object.entries(of).filter(([field]) => field !== 'pid').map(([field, value]) => [
    field, value instanceof Error ? failure(value) : plain(value, of), value === undefined,
  ]);
}

/** Everything a child does until it is closed. */
export async function life(child) {
  const seen = { started: child.pid > 0, events: [], streams: [] };
  const pieces = { stdout: [], stderr: [] };
  for (const name of ['stdout', 'stderr']) {
    child[name]?.on('data', (piece) => pieces[name].push(Buffer.from(piece)));
    child[name]?.on('error', (error) => seen.streams.push([name, failure(error)]));
  }
  for (const event of ['spawn', 'exit', 'close', 'disconnect']) child.on(event, (...args) => seen.events.push([event, ...args]));
  child.on('error', (error) => seen.events.push(['error', failure(error)]));
  await new Promise((resolve) => child.on('close', resolve));
  const { killed, exitCode, signalCode, spawnfile, spawnargs, connected } = child;
  for (const [name, of] of Object.entries(pieces)) if (child[name]) seen[name] = summary(Buffer.concat(of));
  const stdio = child.stdio.map((stream) => (stream === null ? null : stream.constructor.name));
  return { ...seen, killed, exitCode, signalCode, spawnfile, spawnargs, connected, stdio };
}

/** Bytes as text, or as a length and a hash when there are many. */
export function summary(bytes) {
  return bytes.length <= 200 ? bytes.toString('latin1') : `${bytes.length} bytes ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
}

/** Waits until a child has said something on a stream. */
export async function said(stream, text) {
  let all = '';
  while (!all.includes(text)) all += (await once(stream, 'data'))[0];
  return all;
}

/** Whether an action throws, and what. */
export function thrown(action) {
  try {
    return { returned: action() };
  } catch (error) {
    return failure(error);
  }
}

/** Waits until something holds. */
export async function until(holds) {
  const end = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error('it did not come to hold within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
