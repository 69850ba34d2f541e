import { pick, randomNumbers, shuffled } from './random.ts'

/** Who is killed: `both` is the gateway and the database at once, as when the machine goes down. */
export type Victim = 'gateway' | 'database' | 'both' | 'platform'

/** A kill: when the gateway comes to this place, it stops there, and the victim dies. */
export interface Kill {
  readonly point: string
  readonly victim: Victim
}

/**
 * Which way a round goes: the kill strikes while the order is created, when it is reported paid, when it is asked about, while
 * the merchant closes it, or when it expires. An order that is closed or expires has two payers.
 */
export type Way = 'create' | 'notify' | 'sweep' | 'close' | 'expire'

/** How an order ends that is closed or expires. */
export interface EndPlan {
  /** The platform cannot close the second payer's number at first. */
  readonly isInDoubt: boolean
  /** The second payer pays at the moment of the first kill, if the platform still takes the money. */
  readonly isPaidMeanwhile: boolean
  /** The merchant calls closeOrder until it succeeds; otherwise only until the wish to close is recorded. */
  readonly isRepeated: boolean
}

/** One round: one order, created, paid or ended, and checked, with a kill or two on the way. */
export interface RoundPlan {
  readonly way: Way
  readonly kill: Kill
  /** A second kill, while the first is being healed. */
  readonly relapse: Kill | undefined
  /** How often the platform sends each notification at the same moment. */
  readonly copies: number
  /** False for an order that nobody pays. */
  readonly isPaid: boolean
  readonly end: EndPlan
}

function around(...steps: readonly string[]): readonly string[] {
  return steps.flatMap((step) => [`before ${step}`, `after ${step}`])
}

/** The steps of closing two numbers at the platform. */
const CLOSING_STEPS = [
  'platform.query',
  'platform.query further',
  'platform.close',
  'platform.close further',
  'platform.last-query',
  'platform.last-query further',
  'orders.append order.closed',
]

/** Every place at which a kill can strike, by the way that leads there. */
export const POINTS: Readonly<Record<Way, readonly string[]>> = {
  create: [
    'request graphql',
    ...around(
      'orders.insert',
      'inbox.unmatched',
      'platform.prepay',
      'orders.append order.payment_started',
      'orders.append number',
      'answer graphql',
    ),
  ],
  notify: [
    'request notify',
    ...around(
      'inbox.receive',
      'orders.byPlatformTradeNo',
      'orders.append order.paid',
      'inbox.settle',
      'answer notify',
    ),
  ],
  sweep: around('orders.claim', 'platform.query', 'orders.append order.paid'),
  close: ['request graphql', ...around('orders.append closing', ...CLOSING_STEPS, 'answer graphql')],
  expire: around('orders.claim', ...CLOSING_STEPS),
}

const WAYS = ['create', 'notify', 'sweep', 'close', 'expire'] as const
const PLACES = WAYS.flatMap((way) => POINTS[way].map((point) => ({ way, point })))

function victimAt(way: Way, draw: number): Victim {
  if (draw < 0.4) return 'gateway'
  if (draw < 0.65) return 'database'
  // The platform tells nobody in the way `sweep`, so there is nothing in it that its death could interrupt.
  return draw < 0.85 || way === 'sweep' ? 'both' : 'platform'
}

/** An endless plan that comes to every place once before it comes to any a second time. */
export function* planRounds(seed: number): Generator<RoundPlan, never> {
  const random = randomNumbers(seed)
  for (;;) {
    for (const { way, point } of shuffled(PLACES, random)) {
      const kill = { point, victim: victimAt(way, random()) }
      const second = { point: pick(POINTS[way], random()), victim: victimAt(way, random()) }
      const [relapses, draw, isPaid] = [random() < 0.2, random(), random() >= 0.15]
      const canRelapse = way !== 'create' && way !== 'sweep'
      yield {
        way,
        kill,
        relapse: canRelapse && relapses ? second : undefined,
        copies: way === 'notify' && draw < 0.3 ? 2 + Math.floor(draw * 10) : 1,
        isPaid: way !== 'create' || isPaid,
        end: {
          isInDoubt: random() < 0.25,
          isPaidMeanwhile: random() < 0.35,
          isRepeated: random() < 0.6,
        },
      }
    }
  }
}
