import type { Item } from './item.js'

/** The price of all. */
export function sum(items: readonly Item[]): number {
  return items.reduce((total, { price, count }) => total + price * count, 0)
}
