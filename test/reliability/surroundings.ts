import { createHash, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../support/free-port.ts'
import { merchantInFile, type TestMerchant } from '../support/merchant.ts'
import { startPlatform, type PlatformChild } from './platform-child.ts'

/** The folder of the project, in which every process is started. */
export const ROOT = join(import.meta.dirname, '../..')

/** The platform re-sends after 15 ms, 15 ms, 30 ms, 180 ms, 600 ms, 1.2 s, 1.8 s …: as always, a thousand times faster. */
const TIME_FACTOR = '0.001'

/** Starts a simulated platform that knows this merchant, keeps what it promised in the folder, and waits so long for an answer. */
export async function openPlatform(
  folder: string,
  merchant: TestMerchant,
  answerSeconds = 5,
): Promise<PlatformChild> {
  const { publicKeyPem, ...known } = merchant.atPlatform
  await writeFile(
    join(folder, 'simulator.json'),
    JSON.stringify({ merchants: [{ ...known, publicKey: publicKeyPem }] }),
  )
  const env = {
    SIMULATOR_CONFIG: join(folder, 'simulator.json'),
    SIMULATOR_DATA_DIR: join(folder, 'simulator'),
    SIMULATOR_PORT: String(await freePort()),
    SIMULATOR_TIME_FACTOR: TIME_FACTOR,
    SIMULATOR_ANSWER_SECONDS: String(answerSeconds),
  }
  return startPlatform(ROOT, env, merchant.mchId)
}

/** The environment of a gateway process with this merchant and an embedded database in the folder; writes its file. */
export async function gatewayEnv(folder: string, merchant: TestMerchant, platform: PlatformChild) {
  const file = join(folder, 'paybell.json')
  const merchants = [merchantInFile(merchant, platform)]
  await writeFile(file, JSON.stringify({ merchants }), { mode: 0o600 })
  return {
    PORT: String(await freePort()),
    HOST: '127.0.0.1',
    DATA_DIR: join(folder, 'data'),
    PAYBELL_CONFIG: file,
    TOKEN_SECRET: createHash('sha256').update(randomBytes(32)).digest('hex'),
    LOG_LEVEL: 'silent',
  }
}
