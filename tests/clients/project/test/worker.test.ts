import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'

it('sees the project', () => expect(readdirSync('src').sort()).toContain('sum.ts'))
it.skip('is left out', () => {})
