// chokidar: each change of a tree is told, whoever made it.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { once } from 'node:events'
import chokidar from 'chokidar'

fs.mkdirSync('src/deep', { recursive: true })
fs.writeFileSync('src/a.js', 'a')
fs.writeFileSync('src/deep/b.js', 'b')
for (const options of [{}, { usePolling: true, interval: 20 }]) {
  const watcher = chokidar.watch('src', { ...options, ignored: (path) => path.endsWith('.log') })
  const started = []
  watcher.on('all', (event, path) => started.push(`${event} ${path}`))
  await once(watcher, 'ready')
  console.log(started.sort())
  console.log(Object.entries(watcher.getWatched()).map(([dir, names]) => `${dir.replace(process.cwd(), '.')}: ${[...names].sort()}`).sort())
  const told = async (change, ...expected) => {
    const missing = new Set(expected)
    const all = new Promise((resolve) => {
      watcher.on('all', function listener(event, path) {
        missing.delete(`${event} ${path}`)
        if (missing.size === 0) resolve(watcher.off('all', listener))
      })
    })
    change()
    await all
    console.log(expected)
  }
  await told(() => fs.writeFileSync('src/new.js', 'new'), 'add src/new.js')
  await told(() => fs.appendFileSync('src/a.js', 'more'), 'change src/a.js')
  await told(() => execFileSync('sh', ['-c', 'mkdir -p src/other && echo x > src/other/c.js && echo y > src/other/c.log']), 'addDir src/other', 'add src/other/c.js')
  // When it polls, chokidar now and then misses the end of a directory it has just found, on any disk.
  if (!options.usePolling) {
    await told(() => fs.renameSync('src/other/c.js', 'src/other/d.js'), 'unlink src/other/c.js', 'add src/other/d.js')
    await told(() => fs.rmSync('src/other/d.js'), 'unlink src/other/d.js')
    await told(() => fs.rmSync('src/other', { recursive: true }), 'unlinkDir src/other')
    await told(() => fs.unlinkSync('src/new.js'), 'unlink src/new.js')
  }
  await watcher.close()
  console.log(watcher.getWatched())
}
