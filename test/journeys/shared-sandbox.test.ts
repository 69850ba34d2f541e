import { expect, test, vi } from 'vitest'
import { graphql, subscriber } from '../support/graphql.ts'
import { sandboxDir, startSandboxProcess, type SandboxProcess } from '../support/sandbox.ts'

const MCH_ID = '1900000109'

interface Created {
  readonly createOrder: { readonly accessToken: string; readonly order: { readonly id: string } }
}

async function createOrder({ gateway, merchantKey }: SandboxProcess, outTradeNo: string) {
  const { data } = await graphql<Created>(gateway, merchantKey, {
    query: `mutation ($input: CreateOrderInput!) { createOrder(input: $input) {
      ... on CreateOrderSuccess { accessToken order { id } } } }`,
    variables: {
      input: {
        outTradeNo,
        description: 'tea',
        amount: { total: 100 },
        payment: { wechatpay: { openid: 'o-1' } },
      },
    },
  })
  if (data?.createOrder.order === undefined) throw new Error(`Order ${outTradeNo} was not created.`)
  return { id: data.createOrder.order.id, accessToken: data.createOrder.accessToken }
}

async function ordersAtPlatform({ simulator }: SandboxProcess): Promise<string> {
  return (await fetch(`${simulator}/sandbox/state`)).text()
}

/** Pays as the payer would, and resolves with what the page is told. */
async function payAndWatch(sandbox: SandboxProcess, outTradeNo: string): Promise<unknown> {
  const { id, accessToken } = await createOrder(sandbox, outTradeNo)
  const watcher = subscriber(sandbox.gateway, accessToken).iterate({
    query: 'subscription ($id: ID!) { orderPaid(id: $id) { status } }',
    variables: { id },
  })
  const paid = await fetch(`${sandbox.simulator}/sandbox/orders/${MCH_ID}/${outTradeNo}/pay`, {
    method: 'POST',
  })
  expect(paid.status).toBe(200)
  const { value }: { readonly value: unknown } = await watcher.next()
  return value
}

test('gateways of one data directory share one platform, which stays until the last has gone', async () => {
  const dataDir = await sandboxDir()
  const [first, second] = await Promise.all([startSandboxProcess(dataDir), startSandboxProcess(dataDir)])
  expect(second.gateway).not.toBe(first.gateway)
  expect([second.simulator, second.merchantKey]).toEqual([first.simulator, first.merchantKey])
  await createOrder(first, 'SHARED00001')

  await first.kill('SIGTERM')
  expect(await ordersAtPlatform(second)).toContain('SHARED00001')
  expect(await payAndWatch(second, 'SHARED00002')).toEqual({ data: { orderPaid: { status: 'PAID' } } })

  await second.kill('SIGTERM')
  await expect(ordersAtPlatform(second)).rejects.toThrow('fetch failed')
}, 180_000)

test('a gateway that dies without a word takes the platform from nobody, and the next one finds all orders', async () => {
  const dataDir = await sandboxDir()
  const first = await startSandboxProcess(dataDir)
  await createOrder(first, 'SHARED00003')
  const second = await startSandboxProcess(dataDir)
  await first.kill('SIGKILL')
  expect(await ordersAtPlatform(second)).toContain('SHARED00003')

  await second.kill('SIGKILL')
  await vi.waitFor(() => expect(ordersAtPlatform(second)).rejects.toThrow('fetch failed'), {
    timeout: 20_000,
  })
  const third = await startSandboxProcess(dataDir)
  expect(await ordersAtPlatform(third)).toContain('SHARED00003')
}, 180_000)
