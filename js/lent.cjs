'use strict';

// Descriptors that a stream of ours has read ahead on, and that the program may use all the same.

/** What brings a file's own offset to where its stream stands. @type {Map<unknown, () => void>} */
const settlers = new Map();

/** To be called before anything but its stream uses a descriptor. @param {unknown} fd */
function lend(fd) {
  const settle = settlers.get(fd);
  settlers.delete(fd);
  settle?.();
}

module.exports = { settlers, lend };
