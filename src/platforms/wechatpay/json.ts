/** Parses the JSON of a body or a text; undefined when it is none. */
export function parseJson(json: Buffer | string): unknown {
  try {
    return JSON.parse(typeof json === 'string' ? json : json.toString('utf8'))
  } catch {
    return undefined
  }
}
