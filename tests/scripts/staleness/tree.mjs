// What the remote's tree must look like: a model that is changed along with it.

import { posix } from 'node:path';

/**
 * A file is shared by all its names, as an inode is.
 * @typedef {{ kind: 'file', content: string, mode: number }} File
 * @typedef {{ kind: 'link', target: string }} Link
 * @typedef {{ kind: 'directory', names: Map<string, Node> }} Directory
 * @typedef {File | Link | Directory} Node
 */

/** @param {string} content @returns {File} */
export const file = (content) => ({ kind: 'file', content, mode: 0o644 });
/** @param {string} target @returns {Link} */
export const link = (target) => ({ kind: 'link', target });
/** @returns {Directory} */
export const directory = () => ({ kind: 'directory', names: new Map() });

export class Tree {
  top = directory();

  /** @param {string} path Relative to the top. @returns {Directory | undefined} The directory a name lies in. */
  parent(path) {
    const found = this.find(posix.dirname(path), true);
    return found?.kind === 'directory' ? found : undefined;
  }

  /** @param {string} path @param {boolean} follow @returns {Node | undefined} */
  find(path, follow, links = 0) {
    const parts = posix.normalize(path).split('/').filter((part) => part !== '' && part !== '.');
    /** @type {Node} */
    let at = this.top;
    let walked = '';
    for (let index = 0; index < parts.length; index += 1) {
      if (at.kind !== 'directory') return undefined;
      const next = at.names.get(parts[index]);
      if (next === undefined) return undefined;
      if (next.kind === 'link' && (follow || index + 1 < parts.length)) {
        if (links > 8) return undefined;
        return this.find(posix.join(walked, next.target, ...parts.slice(index + 1)), follow, links + 1);
      }
      walked = posix.join(walked, parts[index]);
      at = next;
    }
    return at;
  }
}
