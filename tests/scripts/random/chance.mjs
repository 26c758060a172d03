// What is drawn: numbers, names, paths in all their spellings, contents.
import { constants } from 'node:fs';
import { pathToFileURL } from 'node:url';

const NAMES = ['a', 'b', 'c', 'd', 'e.txt', 'ä', 'f g', '%41', '.h', 'Ω\n'];
/** Names that are not UTF-8. */
const BYTES = ['f\xffg', '\xc3'];
const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants;

/** A small generator whose whole state is one number (mulberry32). */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function chance(seed) {
  const next = generator(seed);
  const below = (limit) => Math.floor(next() * limit);
  const pick = (list) => list[below(list.length)];
  const perhaps = (share) => next() < share;

  /** A relative path of a few names; a shallow one more often. */
  const relative = () => Array.from({ length: 1 + Math.min(below(4), below(4)) }, () => pick(NAMES)).join('/');

  /** A path as text. Its `..` stay below the base as long as no link is in the way. */
  function text(base) {
    const plain = relative();
    const kind = below(100);
    if (kind < 70) return plain;
    if (kind < 80) return `${base}/${plain}`;
    if (kind < 86) return `${plain}/`;
    if (kind < 90) return `./${plain}`;
    if (kind < 94) return `${pick(NAMES)}/../${plain}`;
    if (kind < 96) return `${plain}//${pick(NAMES)}/.`;
    return pick(['.', '', `${pick(NAMES)}/..`, 'n'.repeat(256), `${'p/'.repeat(2100)}p`, 'nul\0']);
  }

  /** A path in any form Node takes. */
  function path({ base }) {
    const kind = below(100);
    if (kind < 88) return text(base);
    if (kind < 92) return Buffer.from(text(base));
    if (kind < 95) return Buffer.from(pick([[], [pick('abcd')]]).concat(pick(BYTES), pick([[], ['a']])).join('/'), 'latin1');
    return pathToFileURL(`${base}/${relative()}`);
  }

  /** A path beside the tree: on the laptop when the tree is remote. */
  const outside = ({ near }) => `${near}/${Array.from({ length: 1 + below(2) }, () => pick(NAMES)).join('/')}`;

  /** Two paths, by `draw` or one of them beside the tree. */
  function two(world, draw) {
    const kind = below(100);
    return kind < 75 ? [draw(world), draw(world)] : kind < 86 ? [outside(world), draw(world)] : kind < 97 ? [draw(world), outside(world)] : [outside(world), outside(world)];
  }

  /** Up to some hundred kilobytes, seldom more than one frame holds. */
  function bytes() {
    const length = pick([0, 1, below(20), below(20), below(5000), below(5000), below(70_000), perhaps(0.1) ? 1_100_000 + below(300_000) : 3]);
    return Buffer.alloc(length, String.fromCharCode(97 + below(26)) + below(1e6));
  }

  const content = () => pick([bytes, bytes, () => bytes().toString(), () => `grüße ${below(1000)}\r\n`, () => new Uint8Array([1, 2, 255]), () => new DataView(new ArrayBuffer(5))])();
  const mode = () => pick([0o644, 0o600, 0o755, 0o777, 0o400, 0o4755, '640', 0o1777]);
  const time = () => pick([0, 1, below(1e9), below(1e9) + 0.25, new Date(below(1e12)), String(below(1e9)), -below(1e6)]);
  const flags = () => pick(['r', 'r+', 'w', 'w+', 'wx', 'wx+', 'a', 'a+', 'ax', 'rs+', 'as', 'xw',
    O_RDONLY | O_DIRECTORY, O_RDWR | O_CREAT, O_WRONLY | O_CREAT | O_NOFOLLOW, O_WRONLY | O_TRUNC, O_RDWR | O_CREAT | O_EXCL]);

  return { below, pick, perhaps, text: ({ base }) => text(base), path, outside, two, relative, bytes, content, mode, time, flags };
}
