import { defineConfig } from 'vitest/config'

export default defineConfig({
  cacheDir: '.cache',
  test: { fsModuleCache: false, include: ['test/**/*.test.ts'], setupFiles: ['test/setup.ts'], reporters: ['./test/reporter.mjs'] },
})
