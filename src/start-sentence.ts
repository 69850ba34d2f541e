import { ConfigError } from './config.ts'
import { EmbeddedMongoError } from './embedded/embedded-mongo-error.ts'
import { SandboxError } from './sandbox/sandbox-error.ts'

/** What Node tells of a system call that failed, as far as it does. */
type Fact = 'address' | 'code' | 'hostname' | 'port' | 'syscall'

const SENTENCES = [ConfigError, EmbeddedMongoError, SandboxError] as const

function factsOf(error: Error): Readonly<Record<Fact, string>> {
  const read = (name: Fact): string => String(Reflect.get(error, name) ?? '')
  return {
    address: read('address'),
    code: read('code'),
    hostname: read('hostname'),
    port: read('port'),
    syscall: read('syscall'),
  }
}

/** Why the port could not be had; the gateway's own is the only one that this process listens on. */
function listenSentence({ code, address, port }: ReturnType<typeof factsOf>): string {
  switch (code) {
    case 'EADDRINUSE':
      return `PORT: ${port} is in use; is Paybell running already? Stop it, or choose another port.`
    case 'EACCES':
      return `PORT: ${port} is for other users only; expected one that this user may listen on, mostly 1024 or above.`
    case 'EADDRNOTAVAIL':
      return `HOST: ${address} is no address of this machine; expected one, e.g. 127.0.0.1, or 0.0.0.0 for all of them.`
    default:
      return `HOST and PORT: ${address}:${port} cannot be listened on (${code}).`
  }
}

function systemSentence(error: Error): string | undefined {
  const facts = factsOf(error)
  const { code, hostname, syscall } = facts
  if (syscall === 'listen') return listenSentence(facts)
  if (syscall === 'getaddrinfo') {
    return `HOST: ${hostname} is a name that leads nowhere (${code}); expected an address or a name of this machine.`
  }
  // Only addresses that begin with mongodb+srv:// are looked up in the DNS itself.
  if (/^query(Srv|Txt)$/.test(syscall)) {
    return `MONGODB_URI: names a host without the DNS records that mongodb+srv:// needs (${syscall} ${code}); is it right?`
  }
  return undefined
}

/** Drivers quote the whole address that they were given; its user and password are nobody's business. */
function withoutCredentials(text: string): string {
  return text.replaceAll(/\/\/\S*@/g, '//…@')
}

/** Why the gateway could not start, for who started it: a sentence, or the whole stack of what nobody foresaw. */
export function startSentence(error: unknown): string {
  if (!(error instanceof Error)) return `Paybell could not start: ${String(error)}`
  const hasSentence = SENTENCES.some((kind) => error instanceof kind)
  if (hasSentence || error.message.startsWith('MONGODB_URI')) return error.message
  const sentence = systemSentence(error)
  if (sentence !== undefined) return sentence
  if (error.name.startsWith('Mongo')) {
    const reason = withoutCredentials(error.message)
    return `MONGODB_URI: the database cannot be used (${reason}). Is the address right, and does the server run?`
  }
  return `Paybell could not start: ${withoutCredentials(error.stack ?? error.message)}`
}
