import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const ENV = { SHOP_PORT: '0', PAYBELL_URL: 'http://127.0.0.1:1', PAYBELL_API_KEY: 'key_of_the_demo_shop' }

test('a shop whose parent goes away while it opens closes without an error', async () => {
  const shop = fork(join(import.meta.dirname, 'main.ts'), [], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: ENV,
  })
  onTestFinished(() => void shop.kill('SIGKILL'))
  shop.disconnect()
  const [code] = await once(shop, 'exit')
  expect(code).toBe(0)
})
