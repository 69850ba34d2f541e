const LF = Buffer.from('\n')

/** The parts of a request that its signature covers. */
export interface RequestToSign {
  readonly method: string
  /** Path and query exactly as sent, without the host. */
  readonly path: string
  /** Unix seconds. */
  readonly timestamp: string
  readonly nonce: string
  /** Empty for GET. */
  readonly body: string
}

/** The text that a merchant signs for a request: five lines, each ended by LF. */
export function requestMessage(request: RequestToSign): string {
  const { method, path, timestamp, nonce, body } = request
  return `${method}\n${path}\n${timestamp}\n${nonce}\n${body}\n`
}

/**
 * The bytes that the platform signs for a response or a notification: three lines, each ended by LF.
 * @param body the raw bytes as they arrived; parsed and written again they would be others
 */
export function platformMessage(timestamp: string, nonce: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, LF])
}

/** What a page's `paySign` covers. */
export interface PageToSign {
  readonly appId: string
  /** Unix seconds, as text. */
  readonly timeStamp: string
  readonly nonceStr: string
  /** `prepay_id=…` */
  readonly package: string
}

/** The text that `paySign` signs: four lines, each ended by LF. `signType` is not among them. */
export function pageMessage(page: PageToSign): string {
  return `${page.appId}\n${page.timeStamp}\n${page.nonceStr}\n${page.package}\n`
}
