import { openBill, payBill, Refusal } from './counter.ts'
import { showMessage, showSheet } from './sheet.ts'
import { texts } from './texts.ts'

/** What the page gets to hear, in the spelling of WeChat. */
type BridgeResult = { readonly err_msg: string; readonly err_desc?: string }
type Callback = (result: BridgeResult) => void

/** The part of `window.WeixinJSBridge` that paying needs. */
export type Bridge = {
  readonly invoke: (api: string, parameters: unknown, callback?: Callback) => void
}

const paymentApi = 'getBrandWCPayRequest'
const outcome = (word: 'ok' | 'cancel'): BridgeResult => ({ err_msg: `get_brand_wcpay_request:${word}` })

/** Lets the payer see the bill and decide. */
async function runPayment(origin: string, parameters: unknown): Promise<BridgeResult> {
  const bill = await openBill(origin, parameters)
  const sheet = showSheet(bill)
  try {
    const choice = await sheet.choice
    if (choice === 'cancel') return outcome('cancel')
    sheet.setBusy()
    await payBill(origin, bill.token)
    return outcome('ok')
  } finally {
    sheet.close()
  }
}

/** WeChat shows why a payment failed in a box of its own, and tells the page little more than that it did. */
async function runAndExplain(origin: string, parameters: unknown): Promise<BridgeResult> {
  try {
    return await runPayment(origin, parameters)
  } catch (error) {
    const reason = error instanceof Refusal ? error.message : texts().unreachable
    showMessage(reason)
    return { err_msg: 'get_brand_wcpay_request:fail', err_desc: reason }
  }
}

/** Makes the bridge that a page inside WeChat would find, talking to the simulator at `origin`. */
export function createBridge(origin: string): Bridge {
  let isPaying = false
  const pay = async (parameters: unknown, callback: Callback): Promise<void> => {
    if (isPaying) return
    isPaying = true
    const result = await runAndExplain(origin, parameters)
    isPaying = false
    callback(result)
  }
  return {
    invoke: (api, parameters, callback = () => {}) => {
      if (api === paymentApi) void pay(parameters, callback)
      else setTimeout(callback, 0, { err_msg: 'system:function_not_exist' })
    },
  }
}
