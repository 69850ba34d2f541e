// The certificate library finds its parts by metadata; this keeps them and has to be there first.
import 'reflect-metadata'
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'
import { webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { onTestFinished } from 'vitest'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY_MS = 86_400_000

async function certificateFor(host: string) {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${host}`,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: host }])],
  })
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    cert: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
  }
}

/**
 * Puts TLS in front of a server of this machine, under the name of another host. It ends with the test.
 * @returns the port, and the certificate as PEM, which is its own authority
 */
export async function tlsInFrontOf(url: string, host: string) {
  const { cert, key } = await certificateFor(host)
  const target = Number(new URL(url).port)
  const server = createServer({ cert, key }, (client) => {
    const plain = connect(target, '127.0.0.1')
    for (const socket of [client, plain]) {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        client.destroy()
        plain.destroy()
      })
    }
    client.pipe(plain).pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, cert }
}
