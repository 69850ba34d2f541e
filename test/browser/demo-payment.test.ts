import { describe, expect, test } from 'vitest'
import { chromiumPath, openPage, PHONE } from '../support/chromium.ts'
import { sandboxDir, startSandboxProcess } from '../support/sandbox.ts'

interface SandboxState {
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

    const state = (await (await fetch(`${sandbox.simulator}/sandbox/state`)).json()) as SandboxState
    const [delivery] = state.notifications[0]?.attempts ?? []
    expect(delivery).toMatchObject({ status: 204 })
    const notes = await page.evaluate<Record<string, number>>('stateNotes')
    const milliseconds = (notes['paid'] ?? Number.NaN) - Date.parse(delivery?.at ?? '')
    process.stdout.write(`From the platform's POST to the page's "paid": ${milliseconds} ms\n`)

    await page.goBack()
    await page.locator('[data-testid=last-order][data-status=PAID]').waitFor()
    expect(complaints).toEqual([])
  }, 180_000)
})
