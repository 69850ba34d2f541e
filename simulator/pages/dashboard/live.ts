import type { State, View } from './model.ts'
import { texts } from './texts.ts'

/** A button that was pressed: the path to post to. */
export const actionEvent = 'simulator-action'

async function post(path: string): Promise<string | undefined> {
  try {
    const response = await fetch(path, { method: 'POST' })
    if (response.ok) return undefined
    const { message } = (await response.json()) as { readonly message?: string }
    return message ?? `HTTP ${response.status}`
  } catch {
    return texts.offline
  }
}

/** Calls `show` at once, and then on every change that the simulator tells. */
export function connect(show: (view: View) => void): void {
  let view: View = { state: undefined, isLive: false, problem: undefined }
  const update = (change: Partial<View>): void => {
    view = { ...view, ...change }
    show(view)
  }
  const events = new EventSource('/sandbox/events')
  events.addEventListener('message', ({ data }) =>
    update({ state: JSON.parse(String(data)) as State, isLive: true }),
  )
  events.addEventListener('error', () => update({ isLive: false }))
  document.addEventListener(actionEvent, (event) => {
    const { detail } = event as CustomEvent<string>
    void post(detail).then((problem) => update({ problem }))
  })
  show(view)
}
