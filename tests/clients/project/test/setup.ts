import { beforeEach, expect } from 'vitest'

beforeEach(() => expect(process.cwd()).toBe(process.env.EXPECTED_CWD ?? process.cwd()))
