import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** A process that runs beside its parent: it says where it listens, and ends when the parent does. */
export interface Companion {
  /** What it said of itself when it began to listen. */
  readonly greeting: Greeting
  /** Resolves when it has ended, however that came. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

interface Greeting {
  readonly url: string
  readonly platformKey?: { readonly id: string; readonly publicKeyPem: string }
}

function isGreeting(message: unknown): message is Greeting {
  return (
    typeof message === 'object' && message !== null && 'url' in message && typeof message.url === 'string'
  )
}

/** The port when nobody has it, else 0, which means any free one. */
export async function freePort(host: string, wanted: number): Promise<number> {
  const probe = createServer()
  try {
    probe.listen(wanted, host)
    await once(probe, 'listening')
    return wanted
  } catch {
    return 0
  } finally {
    probe.close()
  }
}

async function greetingOf(child: ChildProcess, name: string): Promise<Greeting> {
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      if (isGreeting(message)) resolve(message)
    })
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      reject(new Error(`The ${name} stopped before it was ready (${signal ?? `code ${code}`}).`)),
    )
  })
}

/** Starts a module as a process of its own, with nothing in its environment but `env`, and waits until it listens. */
export async function startCompanion(
  name: string,
  module: URL,
  env: Readonly<Record<string, string>>,
): Promise<Companion> {
  // What it prints at its start repeats what the gateway says; its errors are worth seeing.
  const child = fork(module, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const greeting = await greetingOf(child, name)
  return {
    greeting,
    ended,
    async close() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
