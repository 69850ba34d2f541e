import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { chromiumPath, openPage, PHONE } from '../test/support/chromium.ts'
import { builtPages } from './pages.ts'
import { call, merchant, placeOrder, startSimulator, until } from './testing/merchant.ts'
import { startReceiver } from './testing/receiver.ts'

const outTradeNo = 'T20260101000001'
const isTestable = chromiumPath !== undefined && existsSync(join(builtPages(), 'index.html'))

describe.skipIf(!isTestable)('the page, in a real browser', () => {
  it('adds a fault for an order, says which attempt it struck, and is not disturbed by news', async () => {
    const receiver = await startReceiver([401, 204])
    const simulator = await startSimulator({ notifyTimeFactor: 0.001 })
    await placeOrder(simulator, { notify_url: receiver.url })
    const { page, complaints } = await openPage({ locale: 'en-GB' })
    await page.goto(simulator.url)
    await page.getByTestId('order-fault').click()
    await page.getByLabel('What goes wrong').selectOption('Wrong clock')
    const seconds = page.getByLabel('Seconds', { exact: true })
    await seconds.fill('1234')
    await placeOrder(simulator, { out_trade_no: 'T20260101000002' })
    await page.getByTestId('order-T20260101000002').waitFor()
    expect(await seconds.inputValue()).toBe('1234')
    expect(await page.evaluate('document.activeElement.id')).toBe('fault-seconds')
    await page.getByTestId('fault-add').click()
    await page.getByTestId('fault-1').getByText(`For: ${outTradeNo} · Seconds: 1234`).waitFor()
    const target = { mchId: merchant.mchId, outTradeNo }
    expect(simulator.faults.list()).toMatchObject([{ kind: 'stale-clock', seconds: 1234, times: 1, target }])
    const order = page.getByTestId(`order-${outTradeNo}`)
    await order.getByTestId('order-pay').click()
    await order.getByText('Delivered', { exact: true }).waitFor()
    const attempts = await order.getByRole('listitem').allInnerTexts()
    expect(attempts.map((text) => [text.includes('401'), text.includes('Wrong clock')])).toEqual([
      [false, false],
      [true, true],
    ])
    await page.getByText('None are active').waitFor()
    expect(complaints).toEqual([])
  })

  it('takes faults away and pays what was closed, in Chinese on a phone', async () => {
    const simulator = await startSimulator()
    await placeOrder(simulator)
    const path = `/v3/pay/transactions/out-trade-no/${outTradeNo}/close`
    await call(simulator, { method: 'POST', path, body: { mchid: merchant.mchId } })
    simulator.faults.add({ kind: 'lose', times: 'always' })
    simulator.faults.add({ kind: 'error', target: { call: 'close' } })
    const { page, complaints } = await openPage(PHONE)
    await page.goto(simulator.url)
    await page.getByText('故障注入').click()
    await page.getByTestId('fault-2').getByText('作用于：全部订单 · 接口：关闭订单').waitFor()
    await page.getByTestId('fault-2').getByTestId('fault-remove').click()
    await until(simulator, () => simulator.faults.list().length === 1)
    await page.getByTestId('order-pay-late').click()
    await page.getByText('已丢失').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0)
    expect(complaints).toEqual([])
  })

  it('opens and pays an order as another system of the merchant, and forgets it', async () => {
    const simulator = await startSimulator()
    const { page, complaints } = await openPage({ locale: 'en-GB' })
    await page.goto(simulator.url)
    await page.getByText('Another system of the merchant').click()
    await page.getByLabel('out_trade_no', { exact: true }).fill(outTradeNo)
    await page.getByLabel('Paid, minutes ago').fill('90')
    await page.getByTestId('other-open').click()
    const order = page.getByTestId(`order-${outTradeNo}`)
    await order.getByText('Delivered', { exact: true }).waitFor()
    const ago = Date.now() - Date.parse(simulator.orders()[0]?.paidAt ?? '')
    expect(Math.floor(ago / 60_000)).toBe(90)
    await order.getByTestId('order-forget').click()
    await page.getByTestId('empty').waitFor()
    expect(simulator.orders()).toEqual([])
    expect(complaints).toEqual([])
  })
})
