/** Where a request went wrong, in the platform's own shape. */
export type ErrorDetail = Readonly<Record<string, unknown>>

/** A refusal that the platform API answers as `{ code, message, detail? }`. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  readonly detail: ErrorDetail | undefined

  constructor(status: number, code: string, explanation: { message: string; detail?: ErrorDetail }) {
    super(explanation.message)
    this.status = status
    this.code = code
    this.detail = explanation.detail
  }
}

/** The body that tells a caller about a refusal. */
export const errorBody = (error: ApiError): Readonly<Record<string, unknown>> =>
  error.detail === undefined
    ? { code: error.code, message: error.message }
    : { code: error.code, message: error.message, detail: error.detail }

/** What a caller sees when the simulator itself failed; the cause goes to the log only. */
export const systemError = (): ApiError =>
  new ApiError(500, 'SYSTEM_ERROR', { message: '系统异常，请用相同参数重新调用' })

/** One wrong parameter; `field` is a JSON pointer into `location`. */
export const parameterError = (
  message: string,
  detail: { field: string; value: unknown; issue: string; location: 'body' | 'query' | 'header' },
): ApiError => new ApiError(400, 'PARAM_ERROR', { message, detail })
