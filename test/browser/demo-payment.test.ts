import { describe, expect, test } from 'vitest'
import { chromiumPath, openPage, PHONE } from '../support/chromium.ts'
import { graphql } from '../support/graphql.ts'
import { sandboxDir, startSandboxProcess, type SandboxProcess } from '../support/sandbox.ts'

interface SandboxState {
  readonly orders: readonly { readonly mchId: string; readonly outTradeNo: string }[]
  readonly notifications: readonly {
    readonly attempts: readonly { readonly at: string; readonly status?: number }[]
  }[]
}

/** Makes the page note when it turned to each state, by the machine's clock in milliseconds. Runs in the page. */
const NOTE_STATES = `{
  const notes = (window.stateNotes = {})
  const main = document.querySelector('[data-testid=state]')
  const note = () => (notes[main.dataset.state] ??= Date.now())
  new MutationObserver(note).observe(main, { attributes: true })
  note()
}`

async function stateOf({ simulator }: SandboxProcess): Promise<SandboxState> {
  const response = await fetch(`${simulator}/sandbox/state`)
  return (await response.json()) as SandboxState
}

/** The platform's first delivery of the first payment's notification, once it has kept how it was answered. */
async function deliveryOf(sandbox: SandboxProcess) {
  return (await stateOf(sandbox)).notifications[0]?.attempts[0]
}

/** Closes the order as the demo merchant. */
async function closeAt({ gateway, merchantKey }: SandboxProcess, outTradeNo = ''): Promise<void> {
  const { data } = await graphql<{ order: { id: string } }>(gateway, merchantKey, {
    query: 'query ($no: String) { order(outTradeNo: $no) { id } }',
    variables: { no: outTradeNo },
  })
  await graphql(gateway, merchantKey, {
    query: 'mutation ($id: ID!) { closeOrder(orderId: $id) { __typename } }',
    variables: { id: data?.order.id },
  })
}

describe.skipIf(chromiumPath === undefined)('the demo payment in a real browser', () => {
  test('from the shop over the cashier to "paid", without a reload', async () => {
    const sandbox = await startSandboxProcess(await sandboxDir())
    const { page, complaints } = await openPage(PHONE)

    await page.goto(sandbox.shop)
    await page.getByTestId(/^tea-/).first().getByRole('button', { name: /买|购/ }).click()
    await page.waitForURL(`${sandbox.gateway}/pay/*`)
    await page.getByTestId('pay-button').click()
    await page.evaluate(NOTE_STATES)
    await page.getByTestId('cashier-pay').click()
    await page.locator('[data-testid=state][data-state=paid]').waitFor()

    // The page may hear of the payment before the platform has read the acknowledgement and kept it.
    await expect.poll(() => deliveryOf(sandbox)).toMatchObject({ status: 204 })
    const delivery = await deliveryOf(sandbox)
    const notes = await page.evaluate<Record<string, number>>('stateNotes')
    const milliseconds = (notes['paid'] ?? Number.NaN) - Date.parse(delivery?.at ?? '')
    process.stdout.write(`From the platform's POST to the page's "paid": ${milliseconds} ms\n`)

    await page.goBack()
    await page.locator('[data-testid=last-order][data-status=PAID]').waitFor()
    expect(complaints).toEqual([])
  }, 180_000)

  test('back in the shop, an order that is closed turns to paid when the money arrives after all', async () => {
    const sandbox = await startSandboxProcess(await sandboxDir())
    const { page } = await openPage(PHONE)
    await page.goto(sandbox.shop)
    await page.getByTestId(/^tea-/).first().getByRole('button', { name: /买|购/ }).click()
    await page.waitForURL(`${sandbox.gateway}/pay/*`)
    await page.goBack()
    const [order] = (await stateOf(sandbox)).orders
    await closeAt(sandbox, order?.outTradeNo)
    await page.locator('[data-testid=last-order][data-status=CLOSED]').waitFor()
    await fetch(`${sandbox.simulator}/sandbox/orders/${order?.mchId}/${order?.outTradeNo}/pay`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ evenIfClosed: true }),
    })
    await page.locator('[data-testid=last-order][data-status=PAID]').waitFor()
    expect(await page.getByTestId('last-order').textContent()).toContain('订单已付款')
  }, 180_000)
})
