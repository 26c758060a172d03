// Operations on a name: one public function each, in a form that is drawn.
import { once } from './forms.mjs';

const encoding = (chance) => chance.pick([undefined, 'utf8', 'buffer', 'latin1', 'hex', { encoding: 'buffer' }, { encoding: null }]);
const optional = (chance, options) => (chance.perhaps(0.5) ? [] : [options]);

/** A link's text: relative or absolute, to something or nothing, a loop now and then. */
const linkText = (chance, world) => chance.pick([() => chance.relative(), () => `../${chance.relative()}`, () => `${world.base}/${chance.relative()}`,
  () => `${chance.relative()}/`, () => 'a', () => '.'])();

const one = (often, name, rest = () => []) => [name, { often, run: (chance, world) => once(chance, world, name, [chance.path(world), ...rest(chance, world)]) }];
const two = (often, name, rest = () => []) => [name, { often, run: (chance, world) => once(chance, world, name, [...chance.two(world, chance.path), ...rest(chance, world)]) }];

/** Puts something beside the tree, or takes it away. */
const beside = (often, name, rest = () => []) => [`beside.${name}`, { often, run: (chance, world) => once(chance, world, name, [chance.outside(world), ...rest(chance, world)]) }];

const aborted = () => ({ signal: AbortSignal.abort() });

export const paths = Object.fromEntries([
  one(5, 'stat', (chance) => optional(chance, { bigint: chance.perhaps(0.3), throwIfNoEntry: chance.perhaps(0.5) })),
  one(5, 'lstat', (chance) => optional(chance, { bigint: chance.perhaps(0.3) })),
  one(2, 'access', (chance) => optional(chance, chance.pick([0, 1, 2, 4, 7, 9]))),
  one(2, 'exists'),
  one(4, 'chmod', (chance) => [chance.mode()]),
  one(1, 'chown', () => [0, 0]),
  one(1, 'lchown', () => [0, 0]),
  one(4, 'utimes', (chance) => [chance.time(), chance.time()]),
  one(3, 'lutimes', (chance) => [chance.time(), chance.time()]),
  one(6, 'unlink'),
  two(8, 'rename'),
  two(5, 'link'),
  ['symlink', { often: 9, run: (chance, world) => once(chance, world, 'symlink', [linkText(chance, world), chance.path(world)]) }],
  one(4, 'readlink', (chance) => [encoding(chance)]),
  one(4, 'realpath', (chance) => [encoding(chance)]),
  one(3, 'truncate', (chance) => optional(chance, chance.pick([0, 5, 1000, 200_000, -1]))),
  one(10, 'readFile', (chance) => [chance.pick([undefined, 'utf8', 'base64', { flag: chance.flags() }, { encoding: 'latin1' }, aborted()])]),
  one(18, 'writeFile', (chance) => [chance.content(), ...optional(chance, chance.pick(['utf8', 'latin1', { mode: chance.mode() }, { flag: chance.flags() }, { flush: true }, aborted()]))]),
  one(8, 'appendFile', (chance) => [chance.content(), ...optional(chance, chance.pick(['hex', { mode: chance.mode() }, { flag: chance.flags() }]))]),
  one(1, 'statfs', () => [{ bigint: true }]),
  beside(4, 'writeFile', (chance) => [chance.content(), { mode: chance.mode() }]),
  beside(2, 'mkdir'),
  beside(1, 'utimes', (chance) => [chance.time(), chance.time()]),
  beside(1, 'rm', (chance) => [{ recursive: chance.perhaps(0.7) }]),
  two(8, 'copyFile', (chance) => optional(chance, chance.pick([0, 1, 2, 3]))),
]);
