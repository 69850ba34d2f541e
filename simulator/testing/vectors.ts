import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const folder = fileURLToPath(new URL('../../../shared/protocol/vectors/', import.meta.url))

/** Whether the published test vectors are on this machine; without them their tests say that they are skipped. */
export const hasVectors = existsSync(folder)

/** Says in a test's name why it is skipped. */
export const skipNote = hasVectors ? '' : ' (skipped: there is no ../shared/protocol/vectors here)'

const fileSchema = z.looseObject({
  publicKeyPem: z.string().optional(),
  certificatePem: z.string().optional(),
  certificateSerial: z.string().optional(),
  apiV3Key: z.string().optional(),
  cases: z.array(z.record(z.string(), z.unknown())),
})

/** Reads one file of vectors. */
export const readVectors = (name: string): z.infer<typeof fileSchema> =>
  fileSchema.parse(JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8')))

/** A field of a case that must be text. */
export const textOf = (vector: Readonly<Record<string, unknown>>, field: string): string =>
  z.string().parse(vector[field])
