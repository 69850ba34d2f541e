/**
 * Decodes canonical, padded Base64 and nothing else.
 * Node's own decoder skips what it does not know, so that junk would pass for a short message.
 * @returns undefined when the text is not exactly what an encoder would have written
 */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}
