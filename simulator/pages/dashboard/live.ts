import type { State, View } from './model.ts'
import { texts } from './texts.ts'

/** Something that the simulator is to do. */
export type Action = {
  readonly method: 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  /** What is to be done when this has succeeded. */
  readonly next?: Action
}

/** A button that was pressed: the action. */
export const actionEvent = 'simulator-action'

async function run({ method, path, body, next }: Action): Promise<string | undefined> {
  try {
    const response = await fetch(path, {
      method,
      ...(body !== undefined && {
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    if (response.ok) return next && (await run(next))
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
    const { detail } = event as CustomEvent<Action>
    void run(detail).then((problem) => update({ problem }))
  })
  show(view)
}
