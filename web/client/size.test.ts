import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const SCRIPT = join(ROOT, 'scripts/build-client.mjs')

test('the package exports what the build makes', () => {
  expect(fileURLToPath(import.meta.resolve('paybell/client'))).toBe(join(ROOT, 'dist/pages/client/index.js'))
  expect(existsSync(join(ROOT, 'dist/pages/client/index.js'))).toBe(true)
  expect(existsSync(join(ROOT, 'dist/pages/client/index.d.ts'))).toBe(true)
})

test('the client is under 5 kB gzipped with everything it needs', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'paybell-client-'))
  onTestFinished(() => rm(outDir, { recursive: true, force: true }))
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, outDir])
  const code = await readFile(join(outDir, 'index.js'))
  const bytes = gzipSync(code, { level: 9 }).length
  expect(bytes).toBeLessThan(5_000)
  expect(stdout).toContain(`${(bytes / 1000).toFixed(2)} kB gzipped`)
  expect(code.toString()).not.toMatch(/\bimport\b|\brequire\b/)
  expect(await readFile(join(outDir, 'index.d.ts'), 'utf8')).toContain('watchOrder')
})
