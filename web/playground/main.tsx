import 'graphiql/setup-workers/vite'
import 'graphiql/style.css'
import './style.css'
import { GraphiQL } from 'graphiql'
import { createRoot } from 'react-dom/client'
import { examplesFor } from './examples.ts'
import { createFetcher } from './fetcher.ts'
import { readSandbox, type Sandbox } from './sandbox.ts'

const MISSING_TOKEN =
  '{\n  "authorization": "Bearer <merchant API key, operator key or order access token>"\n}'

const fetcher = createFetcher({
  http: location.pathname,
  socket: location.origin.replace(/^http/, 'ws') + location.pathname,
})

const examples = examplesFor(`DEMO-${Date.now().toString(36).toUpperCase()}`)

/** GraphiQL shows the variables of every default tab but those of the first one, which it has to be given again. */
const firstVariables = isFirstVisit() ? { initialVariables: examples[0]?.variables ?? '' } : {}

function Playground({ headers, note }: Sandbox) {
  const given = headers === '' ? MISSING_TOKEN : headers
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={examples.map((example) => ({ ...example, headers: given }))}
      defaultHeaders={given}
      defaultEditorToolsVisibility="variables"
      {...firstVariables}
    >
      <GraphiQL.Logo>
        <span className="playground-logo">Paybell</span>
      </GraphiQL.Logo>
      <GraphiQL.Footer>{note === '' ? null : <p className="playground-note">{note}</p>}</GraphiQL.Footer>
    </GraphiQL>
  )
}

function isFirstVisit(): boolean {
  return localStorage.getItem('graphiql:tabState') === null
}

const container = document.getElementById('playground')
if (container !== null) {
  const given = document.getElementById('paybell-playground')?.textContent ?? null
  createRoot(container).render(<Playground {...readSandbox(given)} />)
}
