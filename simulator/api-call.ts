import { z } from 'zod'
import type { CallKind } from './fault-kinds.ts'
import type { Subject } from './faults.ts'
import type { Ledger } from './ledger.ts'

/** A merchant's call as it came in, before anybody checked it. */
export type IncomingCall = {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: Readonly<Record<string, unknown>>
  readonly body: Buffer
}

/** What a call is about, as far as it says so itself. */
export type CallSubject = Subject & { readonly call: CallKind }

type Naming = (call: IncomingCall, name: string, ledger: Ledger) => Omit<Subject, 'call'>

const namesSchema = z.object({ mchid: z.string().optional(), out_trade_no: z.string().optional() })

function namesIn(body: Buffer): z.infer<typeof namesSchema> {
  try {
    return namesSchema.parse(JSON.parse(body.toString('utf8')))
  } catch {
    return {}
  }
}

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const calls: readonly (readonly [CallKind, RegExp, Naming])[] = [
  [
    'prepay',
    /^POST \/v3\/pay\/transactions\/jsapi$/,
    ({ body }) => {
      const { mchid, out_trade_no: outTradeNo } = namesIn(body)
      return { mchId: mchid, outTradeNo }
    },
  ],
  [
    'query',
    /^GET \/v3\/pay\/transactions\/out-trade-no\/([^/]+)$/,
    ({ query }, outTradeNo) => ({ mchId: textOf(query['mchid']), outTradeNo }),
  ],
  [
    'query',
    /^GET \/v3\/pay\/transactions\/id\/([^/]+)$/,
    (_call, id, ledger) => ledger.findByTransactionId(id) ?? {},
  ],
  [
    'close',
    /^POST \/v3\/pay\/transactions\/out-trade-no\/([^/]+)\/close$/,
    ({ body }, outTradeNo) => ({ mchId: namesIn(body).mchid, outTradeNo }),
  ],
  ['certificates', /^GET \/v3\/certificates$/, () => ({})],
]

/** Says what a call is about; undefined when there is no such call. */
export function subjectOf(incoming: IncomingCall, ledger: Ledger): CallSubject | undefined {
  const line = `${incoming.method} ${incoming.path}`
  for (const [call, pattern, naming] of calls) {
    const found = pattern.exec(line)
    if (!found) continue
    const { mchId, outTradeNo } = naming(incoming, decoded(found[1] ?? ''), ledger)
    return { call, mchId, outTradeNo }
  }
  return undefined
}
