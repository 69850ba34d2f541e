import { sha256, type SandboxKeys } from './keys.ts'

const MERCHANT = {
  id: 'demo',
  name: 'Acme Tea',
  mchId: '1900000109',
  appIds: ['wxd678efh567hg6787'],
} as const

/** The demo merchant as the simulator's configuration file describes it. */
export function simulatorConfig(keys: SandboxKeys) {
  const { mchId, name, appIds } = MERCHANT
  const { certificateSerial, publicKey, apiV3Key } = keys
  return { merchants: [{ mchId, name, appIds, certificateSerial, publicKey, apiV3Key }] }
}

/** The demo merchant as the gateway's configuration file describes it: an example of a real one. */
export function gatewayConfig(
  keys: SandboxKeys,
  simulator: {
    readonly url: string
    readonly platformKey: { readonly id: string; readonly publicKeyPem: string }
  },
) {
  const { id, name, mchId, appIds } = MERCHANT
  return {
    merchants: [
      {
        id,
        name,
        apiKeys: [{ name: 'demo shop', sha256: sha256(keys.merchantKey) }],
        wechatpay: {
          mchId,
          appIds,
          certificateSerial: keys.certificateSerial,
          privateKey: keys.privateKey,
          apiV3Key: keys.apiV3Key,
          platformKeys: [{ id: simulator.platformKey.id, publicKey: simulator.platformKey.publicKeyPem }],
          apiBaseUrl: simulator.url,
        },
      },
    ],
    operators: [{ name: 'you', sha256: sha256(keys.operatorKey) }],
  }
}
