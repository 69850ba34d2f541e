// Notifications a second, verified and on disk, against the same door when it has nothing to store: a peer that shares
// the machine, the minute and the HTTP server, so that the ratio says what durability costs here.
import { openSandbox, call, createOrder, pay, UNBOUNDED } from './sandbox.ts'

const ORDERS = 400
const AT_ONCE = 32

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<number> {
  const queue = [...items]
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
    }),
  )
  return items.length / ((performance.now() - startedAt) / 1000)
}

const sandbox = await openSandbox(UNBOUNDED)
const numbers = Array.from({ length: ORDERS }, (_order, index) => `BENCH${index}x${Date.now().toString(36)}`)
await inParallel(numbers, async (number) => void (await createOrder(sandbox, number)))
const ping = await inParallel(numbers, async () => {
  await (await fetch(`${sandbox.gateway}/readyz`)).text()
})
const paid = await inParallel(numbers, (number) => pay(sandbox, number))
const PAID = 'query { orders(filter: { status: PAID }) { totalCount } }'
for (;;) {
  const answer = (await call(sandbox, PAID, {})) as {
    readonly data: { readonly orders: { readonly totalCount: number } }
  }
  if (answer.data.orders.totalCount === ORDERS) break
}
process.stdout.write(
  `${ORDERS} payments, ${AT_ONCE} at a time, simulator and gateway on this machine:\n` +
    `paid, signed, sent, verified and stored  ${paid.toFixed(0)} /s\n` +
    `readyz (one ping of the database)        ${ping.toFixed(0)} /s\n` +
    `ratio                                    ${(paid / ping).toFixed(2)}\n`,
)
await sandbox.close()
