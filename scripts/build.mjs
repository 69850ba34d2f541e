// Builds what has changed since the last build: the server code with tsc, the pages with Vite, into dist/.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildClient } from './build-client.mjs'
import { buildPages } from './build-pages.mjs'
import { hashOf, isStamped, writeStamp } from './folder-hash.mjs'

const root = dirname(import.meta.dirname)
process.chdir(root)

function runTool(name, ...args) {
  const done = spawnSync(process.execPath, [join('node_modules', name), ...args], { stdio: 'inherit' })
  if (done.status !== 0) process.exit(done.status ?? 1)
}

async function step(title, { stamp, sources, build }) {
  const hash = hashOf(['package-lock.json', 'scripts', ...sources])
  if (isStamped(stamp, hash)) return
  const startedAt = performance.now()
  process.stdout.write(`Building ${title} …\n`)
  await build()
  writeStamp(stamp, hash)
  process.stdout.write(`Built ${title} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.\n`)
}

await step('the gateway', {
  stamp: 'dist/.stamps/server',
  sources: ['src', 'simulator', 'web/shop/backend', 'tsconfig.json', 'tsconfig.build.json'],
  build() {
    for (const folder of ['src', 'simulator', 'web'])
      rmSync(join('dist', folder), { recursive: true, force: true })
    runTool('typescript/bin/tsc', '-p', 'tsconfig.build.json')
    mkdirSync('dist/src/schema', { recursive: true })
    for (const name of readdirSync('src/schema').filter((file) => file.endsWith('.graphql'))) {
      cpSync(join('src/schema', name), join('dist/src/schema', name))
    }
  },
})

await step('the pages', {
  stamp: 'dist/.stamps/pages',
  sources: ['web', 'simulator/pages'],
  build: () => buildPages({ root, log: (line) => process.stdout.write(`  ${line}\n`) }),
})

await step('the page client', {
  stamp: 'dist/.stamps/client',
  sources: ['web/client'],
  build: () => buildClient({ root, log: (line) => process.stdout.write(`  ${line}\n`) }),
})
