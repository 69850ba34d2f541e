import { createBridge } from './bridge/bridge.ts'

/** As in WeChat, the bridge is not there when the page's own scripts start: pages must wait for the event. */
const arrivalDelayMs = 50

// Asked for while the script runs, because later no script is the current one.
const script = document.currentScript
const source = script instanceof HTMLScriptElement ? script.src : document.location.href
const bridge = createBridge(new URL(source).origin)

const arrive = (): void => {
  setTimeout(() => {
    Object.assign(window, { WeixinJSBridge: bridge })
    document.dispatchEvent(new Event('WeixinJSBridgeReady'))
  }, arrivalDelayMs)
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', arrive, { once: true })
else arrive()
