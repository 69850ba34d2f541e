// Runs the project's commands on a machine that may have nothing but Node: installs and builds what is missing first.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { isInstalled } from './installed.mjs'

const OLDEST_NODE = [20, 19]

process.chdir(dirname(import.meta.dirname))

function stop(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const isNewEnough = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])
  if (!isNewEnough)
    stop(`Paybell needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.`)
}

function install() {
  if (isInstalled()) return
  process.stdout.write('Installing the dependencies (the first time this takes about half a minute) …\n')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const done = spawnSync(npm, ['ci', '--loglevel=error', '--no-audit', '--no-fund'], { stdio: 'inherit' })
  if (done.status !== 0) stop('The dependencies could not be installed: see the lines above.')
}

function build() {
  const done = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' })
  if (done.status !== 0) stop('The build failed: see the lines above.')
}

/** How often we look whether npm is still there, in milliseconds. */
const LOOK_MS = 250

/**
 * npm sends SIGTERM to the shell that it started us with; many shells end at it and tell nobody. Who was not started by
 * npm may outlive its parent: that is what `nohup` is for.
 */
function whenNpmIsGone(stop) {
  const parent = process.ppid
  if (process.env.npm_lifecycle_event === undefined) return
  const looking = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(looking)
    stop()
  }, LOOK_MS)
}

/**
 * Runs Node in the foreground: signals reach it, and its end is ours. A terminal sends Ctrl-C to every process itself, npm
 * sends it on to us, and we send it on once more: whoever ends at a second signal has to know that it is the first one.
 */
function run(args, { sendsOn = ['SIGINT', 'SIGTERM', 'SIGHUP'] } = {}) {
  // The channel tells the child when this process is gone, however it went.
  const child = spawn(process.execPath, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  let isStopping = false
  const stop = (signal) => {
    isStopping = true
    if (sendsOn.includes(signal)) child.kill(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
  whenNpmIsGone(() => isStopping || stop('SIGTERM'))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
}

const envFile = existsSync('.env') ? ['--env-file=.env'] : []

const commands = {
  start: () => run(['--enable-source-maps', ...envFile, 'dist/src/main.js']),
  simulator: () => run(['--enable-source-maps', ...envFile, 'dist/simulator/main.js']),
  explain: (args) => run(['--enable-source-maps', ...envFile, 'dist/src/explain.js', ...args]),
  // At a second Ctrl-C tsx kills what it runs, so the one from the terminal has to be the only one.
  dev: () =>
    run([join('node_modules', 'tsx', 'dist', 'cli.mjs'), 'watch', ...envFile, 'src/main.ts'], {
      sendsOn: ['SIGTERM', 'SIGHUP'],
    }),
  bench: ([name = 'watchers']) => run(['--import', 'tsx', join('bench', `${name}.ts`)]),
  test: (args) => run([join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...args]),
}

const [command = '', ...args] = process.argv.slice(2)
if (!Object.hasOwn(commands, command)) stop(`Usage: node scripts/run.mjs ${Object.keys(commands).join('|')}`)
requireNode()
install()
build()
commands[command](args)
