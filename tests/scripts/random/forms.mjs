// The three forms of a public function, as one.
import fs from 'node:fs';

const FORMS = ['sync', 'callback', 'promise'];

/** Calls a function of fs in one of its forms. */
export async function called(form, name, args) {
  if (form === 'sync') return fs[`${name}Sync`](...args);
  if (form === 'promise') return fs.promises[name](...args);
  return new Promise((resolve, reject) => {
    fs[name](...args, (first, ...rest) => {
      // exists gives its answer first, reads and writes two of them.
      if (first instanceof Error) reject(first);
      else resolve(typeof first === 'boolean' ? first : rest.length > 1 ? rest : rest[0]);
    });
  });
}

/** Draws a form, tells the call, and makes it. */
export function once(chance, world, name, args) {
  const form = chance.pick(FORMS.filter((one) => one !== 'promise' || typeof fs.promises[name] === 'function'));
  world.say(form, ...args.map(told));
  return called(form, name, args);
}

/** An argument, short enough for a line. */
export function told(argument) {
  if (ArrayBuffer.isView(argument)) return argument.byteLength > 60 ? `${argument.byteLength} bytes` : Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength).toString('latin1');
  if (typeof argument === 'string' && argument.length > 100) return `text of ${argument.length}`;
  if (Array.isArray(argument)) return argument.map(told);
  if (argument?.buffer) return { ...argument, buffer: told(argument.buffer) };
  return argument;
}
