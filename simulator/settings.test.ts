import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readSettings } from './settings.ts'
import { merchant } from './testing/merchant.ts'

async function writeConfig(content: unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'simulator-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'pub.pem'), merchant.publicKeyPem)
  const path = join(folder, 'simulator.json')
  await writeFile(path, JSON.stringify(content))
  return path
}

const entry = {
  mchId: merchant.mchId,
  name: 'Acme Tea',
  appIds: ['wxd678efh567hg6787'],
  certificateSerial: merchant.certificateSerial,
  publicKey: { file: 'pub.pem' },
  apiV3Key: { env: 'ACME_KEY' },
}

it('has a default for everything', async () => {
  expect(await readSettings({ SIMULATOR_PORT: '' })).toEqual({
    host: '127.0.0.1',
    port: 4002,
    signWith: 'public-key',
    timeFactor: 1,
    answerSeconds: 5,
    dataDir: 'data/simulator',
    merchants: undefined,
  })
})

it('reads merchants with secrets from files beside the configuration and from the environment', async () => {
  const path = await writeConfig({ merchants: [entry] })
  const settings = await readSettings({ SIMULATOR_CONFIG: path, ACME_KEY: merchant.apiV3Key })
  const { publicKey: _publicKey, ...rest } = entry
  const publicKeyPem = merchant.publicKeyPem.trim()
  expect(settings.merchants).toEqual([{ ...rest, publicKeyPem, apiV3Key: merchant.apiV3Key }])
  expect(settings.dataDir).toBeUndefined()
})

it('tells every mistake of the environment in a line of its own', async () => {
  const env = { SIMULATOR_PORT: '70000', SIMULATOR_SIGN_WITH: 'rsa', SIMULATOR_TIME_FACTOR: '-1' }
  await expect(readSettings(env)).rejects.toMatchObject({
    mistakes: [
      'SIMULATOR_PORT: expected a port number from 0 to 65535',
      'SIMULATOR_TIME_FACTOR: expected a number that is not negative, such as 1 or 0.001',
      'SIMULATOR_SIGN_WITH: expected public-key or certificate',
    ],
  })
})

it('tells every mistake of the file without showing a secret', async () => {
  const short = { ...entry, mchId: '2', apiV3Key: 'too short a secret', publicKey: { file: 'none.pem' } }
  const path = await writeConfig({ merchants: [entry, short] })
  const read = readSettings({ SIMULATOR_CONFIG: path })
  await expect(read).rejects.toThrow(
    `${path}: merchants.0.apiV3Key: expected 32 bytes; the environment variable`,
  )
  await expect(read).rejects.toThrow(`${path}: merchants.1.publicKey: expected the PEM of an RSA public key`)
  await expect(read).rejects.toThrow(`${path}: merchants.1.apiV3Key: expected 32 bytes`)
  await expect(read).rejects.not.toThrow('too short a secret')
})

it('says which field of the file has the wrong shape', async () => {
  const path = await writeConfig({ merchants: [{ ...entry, appIds: [] }] })
  await expect(readSettings({ SIMULATOR_CONFIG: path })).rejects.toThrow(`${path}: merchants.0.appIds: `)
})
