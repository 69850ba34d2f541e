import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { build } from 'vite'
import { compressFolder } from './compress-folder.mjs'

/** WeChat's Android engine and the WebKit of iOS 12. Playgrounds and consoles are opened by developers instead. */
const PHONES = ['chrome86', 'safari12']
const DESKTOPS = ['chrome111', 'firefox114', 'safari16.4']

/**
 * One app. `script` is a further entry that becomes a classic script under its own name.
 * @typedef {{ name: string, source: string, target: string[], script?: string }} App
 */

/** @type {App[]} */
const APPS = [
  { name: 'pay', source: 'web/pay', target: PHONES },
  { name: 'shop', source: 'web/shop', target: PHONES },
  { name: 'playground', source: 'web/playground', target: DESKTOPS },
  { name: 'simulator', source: 'simulator/pages', target: PHONES, script: 'weixin-js-bridge' },
]

const gzipped = promisify(gzip)

/**
 * Builds every browser page into `dist/pages/<app>/`, each with `.br` and `.gz` beside its text files.
 * @param {object} options
 * @param {string} options.root the project's folder
 * @param {(line: string) => void} options.log takes one readable line per app
 * @throws when a page cannot be built; the message is Vite's
 */
export async function buildPages({ root, log }) {
  for (const app of APPS) {
    if (existsSync(join(root, app.source))) {
      log(await buildApp(root, app))
    } else {
      log(`${app.name}: skipped, there is no ${app.source}.`)
    }
  }
}

/**
 * @param {string} root
 * @param {App} app
 */
async function buildApp(root, app) {
  const startedAt = performance.now()
  const folder = join(root, 'dist/pages', app.name)
  await build(pageConfig(root, app))
  if (app.script !== undefined) await build(scriptConfig(root, app, app.script))
  await compressFolder(folder)
  const kilobytes = (await initialGzipBytes(folder, app.name)) / 1000
  const seconds = (performance.now() - startedAt) / 1000
  return `${app.name}: ${kilobytes.toFixed(1)} kB gzipped at first sight, built in ${seconds.toFixed(1)} s`
}

/**
 * @param {string} root
 * @param {App} app
 * @returns {import('vite').InlineConfig}
 */
function sharedConfig(root, app) {
  return {
    configFile: false,
    envDir: false,
    publicDir: false,
    root: join(root, app.source),
    base: `/assets/${app.name}/`,
    logLevel: 'warn',
    clearScreen: false,
  }
}

/**
 * @param {string} root
 * @param {App} app
 * @returns {import('vite').InlineConfig}
 */
function pageConfig(root, app) {
  return {
    ...sharedConfig(root, app),
    worker: { format: 'es' },
    build: {
      target: app.target,
      outDir: join(root, 'dist/pages', app.name),
      assetsDir: '',
      emptyOutDir: true,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 8192,
      modulePreload: { polyfill: false },
      rolldownOptions: { onLog },
    },
  }
}

/**
 * A classic script under a fixed name: pages of other origins include it with one `<script src>`.
 * @param {string} root
 * @param {App} app
 * @param {string} script
 * @returns {import('vite').InlineConfig}
 */
function scriptConfig(root, app, script) {
  return {
    ...sharedConfig(root, app),
    build: {
      target: app.target,
      outDir: join(root, 'dist/pages', app.name),
      emptyOutDir: false,
      reportCompressedSize: false,
      lib: {
        entry: join(root, app.source, `${script}.ts`),
        formats: ['iife'],
        name: 'paybellBridge',
        fileName: () => `${script}.js`,
      },
    },
  }
}

/**
 * React's libraries are full of `"use client"`, which means nothing in a page and would be one warning per file.
 * @type {NonNullable<import('vite').Rolldown.InputOptions['onLog']>}
 */
function onLog(level, log, defaultHandler) {
  if (log.code !== 'MODULE_LEVEL_DIRECTIVE') defaultHandler(level, log)
}

/**
 * What a first visitor downloads before anything runs: the page, and what its markup names.
 * @param {string} folder
 * @param {string} name
 */
async function initialGzipBytes(folder, name) {
  const html = await readFile(join(folder, 'index.html'), 'utf8')
  const named = [...html.matchAll(new RegExp(`(?:src|href)="/assets/${name}/([^"]+)"`, 'g'))]
  const files = new Set(['index.html', ...named.map((match) => match[1] ?? '')])
  const sizes = await Promise.all(
    [...files].map(async (file) => (await gzipped(await readFile(join(folder, file)))).length),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  await buildPages({ root, log: (line) => process.stdout.write(`${line}\n`) })
}
