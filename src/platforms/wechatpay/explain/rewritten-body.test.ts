import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { KEY_ID } from '../testing/account.ts'
import { PAYMENT, seal, signedNotice } from '../testing/notice.ts'
import { explanationIn, read } from '../testing/reading.ts'

const { original_type, algorithm, ciphertext, associated_data, nonce } = seal(JSON.stringify(PAYMENT))

/** A notification in the order of fields that the platform writes. */
const NOTIFICATION = {
  id: '11111111-1111-5111-8111-111111111111',
  create_time: '2026-01-01T00:00:01+08:00',
  resource_type: 'encrypt-resource',
  event_type: 'TRANSACTION.SUCCESS',
  summary: '支付成功 1/1 "=" 🍵',
  resource: { original_type, algorithm, ciphertext, associated_data, nonce },
}

const compact = JSON.stringify(NOTIFICATION)
const indented = (spaces: number | string) => JSON.stringify(NOTIFICATION, null, spaces)
const spaced = compact.replaceAll('":', '": ').replaceAll(/([\]}"]),"/g, '$1, "')
const bySorting = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
    : value
const sorted = JSON.stringify(NOTIFICATION, bySorting)
const ascii = (text: string) =>
  text
    .split('')
    .map((one) => (one < '\u0080' ? one : `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`))
    .join('')
const slashed = (text: string) => text.replaceAll('/', '\\/')

const WHITE = ['its JSON is written without white space', '把 JSON 写成不含空白的形式'] as const
const LITERAL = [
  'its \\uXXXX escapes are the characters themselves',
  '把 \\uXXXX 转义还原为字符本身',
] as const
const SLASH = ['each \\/ in it is /', '把 \\/ 还原为 /'] as const
const ORDER = [
  'its keys are in the documented order instead of sorted',
  '把被重新排序的键恢复为文档中的顺序',
] as const

type Said = readonly [en: string, zh: string]

interface Change {
  readonly name: string
  /** Default: the notification as the platform writes it. */
  readonly signed?: string
  readonly arrived: string | Buffer
  readonly undo: readonly Said[]
}

const BREAK: Said = ['the line break at its end is removed', '去掉末尾的换行']
const crlf = indented(2).replaceAll('\n', '\r\n')

const CHANGES: readonly Change[] = [
  { name: 'spaces added after commas and colons', arrived: spaced, undo: [WHITE] },
  { name: 'indented by 2', arrived: indented(2), undo: [WHITE] },
  { name: 'indented by 4', arrived: indented(4), undo: [WHITE] },
  { name: 'indented by tabs', arrived: indented('\t'), undo: [WHITE] },
  { name: 'keys sorted', arrived: sorted, undo: [ORDER] },
  { name: 'non-ASCII escaped', arrived: ascii(compact), undo: [LITERAL] },
  { name: 'HTML characters escaped', arrived: compact.replaceAll('=', '\\u003d'), undo: [LITERAL] },
  { name: 'slashes escaped', arrived: slashed(compact), undo: [SLASH] },
  { name: 'a line feed added', arrived: `${compact}\n`, undo: [BREAK] },
  { name: 'a line break added', arrived: `${compact}\r\n`, undo: [BREAK] },
  {
    name: 'white space added',
    arrived: ` ${compact}\t\n`,
    undo: [['the white space around it is removed', '去掉首尾空白']],
  },
  {
    name: 'a byte order mark added',
    arrived: `\ufeff${compact}`,
    undo: [['the byte order mark is removed', '去掉字节顺序标记（BOM）']],
  },
  {
    name: 'compressed',
    arrived: gzipSync(compact),
    undo: [['it is decompressed with gzip', '用 gzip 解压']],
  },
  {
    name: 'read as ISO-8859-1',
    arrived: Buffer.from(Buffer.from(compact).toString('latin1')),
    undo: [['it is read as UTF-8 instead of ISO-8859-1', '按 UTF-8 而不是 ISO-8859-1 读取']],
  },
  {
    name: 'made a JSON string',
    arrived: JSON.stringify(compact),
    undo: [['it is taken out of the JSON string that it was put into', '从包裹它的 JSON 字符串中取出']],
  },
  { name: 'escaped in every way', arrived: slashed(ascii(compact)), undo: [LITERAL, SLASH] },
  { name: 'spaced and escaped', arrived: ascii(spaced), undo: [WHITE, LITERAL] },
  {
    name: 'written from a sorted map, indented',
    arrived: JSON.stringify(JSON.parse(sorted), null, 2),
    undo: [WHITE, ORDER],
  },
  {
    name: 'written anew by JSON.stringify',
    signed: indented(2),
    arrived: compact,
    undo: [['its JSON is indented by 2 spaces', '把 JSON 缩进 2 个空格']],
  },
  {
    name: 'unindented',
    signed: indented(4),
    arrived: compact,
    undo: [['its JSON is indented by 4 spaces', '把 JSON 缩进 4 个空格']],
  },
  {
    name: 'spaces removed',
    signed: spaced,
    arrived: compact,
    undo: [
      ['its JSON is written with a space after each comma and colon', '在 JSON 的逗号和冒号后各加一个空格'],
    ],
  },
  {
    name: 'keys put into the documented order',
    signed: sorted,
    arrived: compact,
    undo: [['its keys are sorted', '把键按字母排序']],
  },
  {
    name: 'non-ASCII unescaped',
    signed: ascii(compact),
    arrived: compact,
    undo: [['its characters beyond ASCII are \\uXXXX escapes', '把非 ASCII 字符写成 \\uXXXX 转义']],
  },
  {
    name: 'slashes unescaped',
    signed: slashed(compact),
    arrived: compact,
    undo: [['each / in it is \\/', '把 / 写成 \\/']],
  },
  {
    name: 'LF made CRLF',
    signed: indented(2),
    arrived: crlf,
    undo: [['its line breaks are LF instead of CRLF', '把换行从 CRLF 还原为 LF']],
  },
  {
    name: 'CRLF made LF',
    signed: crlf,
    arrived: indented(2),
    undo: [['its line breaks are CRLF instead of LF', '把换行从 LF 还原为 CRLF']],
  },
  {
    name: 'a line feed removed',
    signed: `${compact}\n`,
    arrived: compact,
    undo: [['a line feed is added at its end', '在末尾加上换行']],
  },
]

describe('a body that was changed on the way', () => {
  it.each(CHANGES)(
    '$name: the explanation says how to undo it',
    async ({ signed = compact, arrived, undo }) => {
      expect(arrived).not.toBe(signed)
      const reading = await read({ ...signedNotice(signed), body: Buffer.from(arrived) })
      expect(reading.verdict).toBe('BAD_SIGNATURE')
      const en = undo.map(([text]) => text).join(' and ')
      const zh = undo.map(([, text]) => text).join('并')
      expect(explanationIn(reading)).toEqual({
        en: `The platform key ${KEY_ID} made this signature: it fits once ${en}, so something on the way changes bodies and must pass them on byte for byte.`,
        zh: `签名由平台密钥 ${KEY_ID} 生成：${zh}后即相符，说明途中有组件改动了请求体，必须让它逐字节原样转发。`,
      })
    },
  )

  it.each([
    ['another value', compact.replace('1111', '1112')],
    ['nothing', ''],
    ['an array too deep to be a notification', '['.repeat(5000) + ']'.repeat(5000)],
    ['half of it', compact.slice(0, 100)],
    ['a broken archive', Buffer.from([0x1f, 0x8b, 0x08, 0x00])],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x80])],
  ])('beyond recognition is said to be so: %s', async (_name, arrived) => {
    const reading = await read({ ...signedNotice(compact), body: Buffer.from(arrived) })
    expect(explanationIn(reading)).toEqual({
      en: `The platform key ${KEY_ID} made this signature: it was made over something else than this timestamp, nonce and body, and no known mistake explains it.`,
      zh: `签名由平台密钥 ${KEY_ID} 生成：它签的不是这里的时间戳、随机串与请求体，没有已知的错误能解释。`,
    })
  })
})
