import { readFileSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { describe, expect, it, vi } from 'vitest'
import { item } from '../src/item'
import { sum } from '../src/sum'

vi.mock('../src/item', async (original) => ({ ...(await original<typeof import('../src/item')>()), mocked: true }))

describe('sum', () => {
  it('adds', () => expect(sum([item('a', 2, 3), item('b', 1)])).toBe(7))
  it('is kept as it was', () => expect({ items: [item('c', 1)] }).toMatchSnapshot())
  it('fails here', () => expect(sum([])).toBe(1))
  it('mocks', async () => expect(await import('../src/item')).toHaveProperty('mocked', true))
})

it('works in the project', () => {
  writeFileSync('written.txt', 'by a test')
  expect(readFileSync(new URL('../written.txt', import.meta.url), 'utf8')).toBe('by a test')
  expect(execFileSync('cat', ['written.txt'], { encoding: 'utf8' })).toBe('by a test')
})
