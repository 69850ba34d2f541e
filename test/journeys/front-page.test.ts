import { expect, test } from 'vitest'
import { openGateway } from '../support/gateway.ts'

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

test('who opens the gateway’s own address in a browser is led to the doors, and each of them is there', async () => {
  const { url } = await openGateway()
  const page = await fetch(url, { headers: BROWSER })
  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toContain('text/html')
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  const paths = [...(await page.text()).matchAll(/href="([^"]+)"/g)].map(([, path]) => path)
  expect(paths).toContain('/graphql')
  for (const path of paths) expect((await fetch(`${url}${path}`, { headers: BROWSER })).status).not.toBe(404)
})

test('a program gets the same as JSON', async () => {
  const { url } = await openGateway()
  const answer = await fetch(url)
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({
    name: 'paybell',
    doors: { '/graphql': expect.stringContaining('API') },
  })
})
