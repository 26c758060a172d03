// Changes, each as a shell command and as what it does to the model.

import { posix } from 'node:path';
import { directory, file, link } from './tree.mjs';

/** @typedef {{ shell: string, apply: () => void } | undefined} Change Undefined where it cannot be made now. */

/** @param {import('./tree.mjs').Tree} tree @param {string} path */
const regular = (tree, path) => {
  const found = tree.find(path, false);
  return found?.kind === 'file' ? found : undefined;
};

/**
 * @param {import('./tree.mjs').Tree} tree @param {(most: number) => number} chance
 * @param {{ files: string[], links: string[], directories: string[] }} names @param {number} round
 * @returns {Change}
 */
export function change(tree, chance, names, round) {
  const one = (/** @type {string[]} */ list) => list[chance(list.length)];
  const path = one(names.files);
  const parent = tree.parent(path);
  const base = posix.basename(path);
  const there = regular(tree, path);
  const text = `v${round}`;
  switch (chance(12)) {
    case 0: // Written in place, or made.
      if (!parent || (parent.names.has(base) && !there)) return undefined;
      return { shell: `printf ${text} > ${path}`, apply: () => (there ? void (there.content = text) : void parent.names.set(base, file(text))) };
    case 1:
      return there && { shell: `printf ${text} >> ${path}`, apply: () => void (there.content += text) };
    case 2:
      return there && { shell: `: > ${path}`, apply: () => void (there.content = '') };
    case 3: { // Replaced as a whole, the way editors and git do.
      if (!parent || (parent.names.has(base) && !there)) return undefined;
      return { shell: `printf ${text} > ${path}.new; mv ${path}.new ${path}`, apply: () => void parent.names.set(base, file(text)) };
    }
    case 4:
      return there && { shell: `rm ${path}`, apply: () => void parent?.names.delete(base) };
    case 5: {
      if (!there) return undefined;
      const mode = [0o600, 0o640, 0o644, 0o755][chance(4)];
      return { shell: `chmod ${mode.toString(8)} ${path}`, apply: () => void (there.mode = mode) };
    }
    case 6: { // A second name, through which the first may be written later.
      const other = one(names.files);
      const into = tree.parent(other);
      if (!there || !into || into.names.has(posix.basename(other))) return undefined;
      return { shell: `ln ${path} ${other}`, apply: () => void into.names.set(posix.basename(other), there) };
    }
    case 7: {
      const from = one(names.directories);
      const to = one(names.directories);
      const moved = tree.find(from, false);
      const [source, target] = [tree.parent(from), tree.parent(to)];
      if (moved?.kind !== 'directory' || !source || !target || tree.find(to, false) || `${to}/`.startsWith(`${from}/`)) return undefined;
      return {
        shell: `mv ${from} ${to}`,
        apply: () => {
          source.names.delete(posix.basename(from));
          target.names.set(posix.basename(to), moved);
        },
      };
    }
    case 8: {
      const made = one(names.directories);
      const into = tree.parent(made);
      if (!into || tree.find(made, false)) return undefined;
      return { shell: `mkdir ${made}`, apply: () => void into.names.set(posix.basename(made), directory()) };
    }
    case 9: { // Swapped, as releases are.
      const name = one(names.links);
      const into = tree.parent(name);
      if (!into) return undefined;
      const target = one([...names.directories, ...names.files]);
      const relative = posix.relative(posix.dirname(name), target) || '.';
      return { shell: `ln -sfn ${relative} ${name}`, apply: () => void into.names.set(posix.basename(name), link(relative)) };
    }
    case 10: {
      const gone = one(names.directories);
      const found = tree.find(gone, false);
      if (found?.kind !== 'directory' || chance(3) > 0) return undefined;
      return { shell: `rm -r ${gone}`, apply: () => void tree.parent(gone)?.names.delete(posix.basename(gone)) };
    }
    default: {
      const to = one(names.files);
      const into = tree.parent(to);
      const old = tree.find(to, false);
      if (!there || !into || old === there || (old && old.kind !== 'file')) return undefined;
      return {
        shell: `mv ${path} ${to}`,
        apply: () => {
          parent?.names.delete(base);
          into.names.set(posix.basename(to), there);
        },
      };
    }
  }
}
