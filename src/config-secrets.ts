import { z } from 'zod'

/** Secrets of one kind, newest first: while one is being changed, what was made with the one before is still accepted. */
export type Secrets = readonly [Buffer, ...Buffer[]]

/** More are not needed for a change, and each costs time whenever something is wrong. */
const MAX_SECRETS = 5

const EXPECTED = `expected a secret or a list of 1 to ${MAX_SECRETS}, the newest first`

function parse(
  secret: z.ZodType<Buffer>,
  { entry, path, context }: { entry: unknown; path: readonly number[]; context: z.RefinementCtx },
): readonly Buffer[] {
  const { data, error } = secret.safeParse(entry, { reportInput: true })
  for (const issue of error?.issues ?? [])
    context.issues.push({ input: undefined, ...issue, path: [...path, ...issue.path] })
  return data === undefined ? [] : [data]
}

function requireDifferent(secrets: readonly Buffer[], context: z.RefinementCtx): void {
  for (const [place, secret] of secrets.entries()) {
    if (secrets.findIndex((other) => other.equals(secret)) === place) continue
    const message = 'is in the list twice; expected each secret once'
    context.issues.push({ code: 'custom', input: undefined, path: [place], message })
  }
}

/** One secret, or a list of 1 to 5 different ones, newest first. A mistake names its place in the list, and no value. */
export function newestFirst(secret: z.ZodType<Buffer>) {
  return z.unknown().transform((given, context): Secrets => {
    const isList = Array.isArray(given)
    const entries: readonly unknown[] = isList ? given : [given]
    if (entries.length === 0 || entries.length > MAX_SECRETS) {
      context.addIssue(EXPECTED)
      return z.NEVER
    }
    const [first, ...others] = entries.flatMap((entry, place) =>
      parse(secret, { entry, path: isList ? [place] : [], context }),
    )
    if (first === undefined || others.length < entries.length - 1) return z.NEVER
    requireDifferent([first, ...others], context)
    return [first, ...others]
  })
}

const tokenSecret = z
  .string()
  .transform((text) => Buffer.from(text))
  .refine((bytes) => bytes.length >= 32, {
    error: ({ input }) =>
      `has ${Buffer.isBuffer(input) ? input.length : 0} bytes; expected at least 32 random bytes`,
  })

/** Secrets separated by commas; with one, there is no list to name a place in. */
function entriesOf(text: string): string | readonly string[] {
  const entries = text.split(',').map((entry) => entry.trim())
  return entries.length === 1 ? text.trim() : entries
}

/** What signs order access tokens: the first secret; tokens of the others are accepted. */
export const tokenSecrets = z
  .string()
  .transform((text): unknown => entriesOf(text))
  .pipe(newestFirst(tokenSecret))
