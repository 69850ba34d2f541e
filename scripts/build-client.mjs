import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { compressFolder } from './compress-folder.mjs'

/** WeChat's Android engine and the WebKit of iOS 12. */
const PHONES = ['chrome86', 'safari12']

/** Pages load it before a payer can pay: it must stay small with everything that it needs. */
const LARGEST_CLIENT_BYTES = 5000

/**
 * Builds `paybell/client` into `outDir`: `index.js`, one ES module without dependencies, and its types.
 * @param {object} options
 * @param {string} options.root the project's folder
 * @param {string} [options.outDir] `dist/pages/client` unless told otherwise
 * @param {(line: string) => void} options.log takes one readable line
 * @throws when it cannot be built, or is larger than `LARGEST_CLIENT_BYTES`
 */
export async function buildClient({ root, outDir = join(root, 'dist/pages/client'), log }) {
  const entry = join(root, 'web/client/index.ts')
  await build({
    configFile: false,
    envDir: false,
    publicDir: false,
    root: join(root, 'web/client'),
    logLevel: 'warn',
    build: {
      target: PHONES,
      outDir,
      emptyOutDir: true,
      reportCompressedSize: false,
      lib: { entry, formats: ['es'], fileName: () => 'index.js' },
      rolldownOptions: { output: { minify: true } },
    },
  })
  await compressFolder(outDir)
  writeTypes(root, entry, outDir)
  const bytes = gzipSync(await readFile(join(outDir, 'index.js')), { level: 9 }).length
  if (bytes > LARGEST_CLIENT_BYTES)
    throw new Error(`paybell/client has ${bytes} bytes gzipped, more than ${LARGEST_CLIENT_BYTES}.`)
  log(`paybell/client: ${(bytes / 1000).toFixed(2)} kB gzipped, with everything it needs`)
}

/**
 * @param {string} root
 * @param {string} entry
 * @param {string} outDir
 */
function writeTypes(root, entry, outDir) {
  const options = {
    ignoreConfig: true,
    declaration: true,
    emitDeclarationOnly: true,
    stripInternal: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: true,
    skipLibCheck: true,
    target: 'es2022',
    lib: 'es2022,dom,dom.iterable',
    module: 'esnext',
    moduleResolution: 'bundler',
    outDir,
  }
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const done = spawnSync(process.execPath, [tsc, ...flags, '--types', 'null', entry], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`The types of paybell/client cannot be made:\n${done.stdout}`)
}

// node scripts/build-client.mjs [folder]
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  await buildClient({ root, outDir: process.argv[2], log: (line) => process.stdout.write(`${line}\n`) })
}
