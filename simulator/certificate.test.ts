import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { expect, it } from 'vitest'
import { makeCertificate } from './certificate.ts'

it('makes a certificate that Node reads, signed by its own key and valid for five years', async () => {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { serialNo, pem } = await makeCertificate(keys, new Date('2026-01-01T12:34:56Z'))
  const read = new X509Certificate(pem)
  expect(serialNo).toMatch(/^[0-9A-F]{40}$/)
  expect(read.serialNumber).toBe(serialNo)
  expect(read.verify(keys.publicKey)).toBe(true)
  expect(read.publicKey.equals(keys.publicKey)).toBe(true)
  expect(new Date(read.validFrom).toISOString()).toBe('2025-12-31T12:34:56.000Z')
  expect(new Date(read.validTo).toISOString()).toBe('2031-01-01T12:34:56.000Z')
  expect(read.subject).toContain('CN=Simulated platform certificate')
})

it('gives every certificate a serial number of its own', async () => {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const made = await Promise.all(Array.from({ length: 50 }, () => makeCertificate(keys, new Date())))
  expect(new Set(made.map(({ serialNo }) => serialNo)).size).toBe(50)
})
