import type { Explanation, Sentence } from '../../../domain/explanation.ts'
import type { Diagnosis, Owner, SignedText } from './diagnose.ts'
import type { Step } from './mutations.ts'

const NOT_BASE64: Explanation = {
  en: 'The header Wechatpay-Signature is not Base64: the sender is not WeChat Pay, or something on the way cut it.',
  zh: '请求头 Wechatpay-Signature 不是 Base64：发送方不是微信支付，或者它在途中被截断。',
}

/** How many keys were tried tells how many keys other merchants have. */
const BY_NO_KEY_OF_MERCHANT: Sentence = {
  en: 'No known mistake explains the signature: no key of the platform for this merchant made it, so the sender is hardly WeChat Pay.',
  zh: '没有已知的错误能解释该签名：签名者不是该商户的任何平台密钥，发送方很可能不是微信支付。',
}

function byNobody(tried: number): Explanation {
  return {
    forMerchant: BY_NO_KEY_OF_MERCHANT,
    en: `No known mistake explains the signature: none of the keys tried (${tried}) made it, so the sender is hardly WeChat Pay.`,
    zh: `没有已知的错误能解释该签名：尝试过的 ${tried} 个密钥都不是签名者，发送方很可能不是微信支付。`,
  }
}

const HEADER_SPOILT: Explanation = {
  en: ', but something on the way respelt the header Wechatpay-Signature',
  zh: '，但请求头 Wechatpay-Signature 在途中被改写',
}

/** What to do about a body so that it is the one that was signed; parts of a sentence. */
const STEPS: Readonly<Record<Step, Explanation>> = {
  'bom-removed': { en: 'the byte order mark is removed', zh: '去掉字节顺序标记（BOM）' },
  gunzipped: { en: 'it is decompressed with gzip', zh: '用 gzip 解压' },
  'break-removed': { en: 'the line break at its end is removed', zh: '去掉末尾的换行' },
  'break-added': { en: 'a line feed is added at its end', zh: '在末尾加上换行' },
  trimmed: { en: 'the white space around it is removed', zh: '去掉首尾空白' },
  lf: { en: 'its line breaks are LF instead of CRLF', zh: '把换行从 CRLF 还原为 LF' },
  crlf: { en: 'its line breaks are CRLF instead of LF', zh: '把换行从 LF 还原为 CRLF' },
  utf8: { en: 'it is read as UTF-8 instead of ISO-8859-1', zh: '按 UTF-8 而不是 ISO-8859-1 读取' },
  unwrapped: {
    en: 'it is taken out of the JSON string that it was put into',
    zh: '从包裹它的 JSON 字符串中取出',
  },
  compact: { en: 'its JSON is written without white space', zh: '把 JSON 写成不含空白的形式' },
  spaced: {
    en: 'its JSON is written with a space after each comma and colon',
    zh: '在 JSON 的逗号和冒号后各加一个空格',
  },
  'indented-2': { en: 'its JSON is indented by 2 spaces', zh: '把 JSON 缩进 2 个空格' },
  'indented-4': { en: 'its JSON is indented by 4 spaces', zh: '把 JSON 缩进 4 个空格' },
  sorted: { en: 'its keys are sorted', zh: '把键按字母排序' },
  documented: {
    en: 'its keys are in the documented order instead of sorted',
    zh: '把被重新排序的键恢复为文档中的顺序',
  },
  'literal-characters': {
    en: 'its \\uXXXX escapes are the characters themselves',
    zh: '把 \\uXXXX 转义还原为字符本身',
  },
  'escaped-characters': {
    en: 'its characters beyond ASCII are \\uXXXX escapes',
    zh: '把非 ASCII 字符写成 \\uXXXX 转义',
  },
  'literal-slashes': { en: 'each \\/ in it is /', zh: '把 \\/ 还原为 /' },
  'escaped-slashes': { en: 'each / in it is \\/', zh: '把 / 写成 \\/' },
}

function signerPart(owner: Owner, named: string): Explanation {
  switch (owner.kind) {
    case 'named':
      return { en: `The platform key ${owner.id} made this signature`, zh: `签名由平台密钥 ${owner.id} 生成` }
    case 'ring':
      return {
        en: `The platform key ${owner.id} made this signature, although the header Wechatpay-Serial names ${named}`,
        zh: `签名由平台密钥 ${owner.id} 生成，而请求头 Wechatpay-Serial 写的是 ${named}`,
      }
    case 'merchant':
      return {
        en: "The merchant's own private key made this signature where a key of the platform belongs, a mistake of home-made test tools",
        zh: '签名由商户自己的私钥生成，而应由平台密钥生成，这是自制测试工具的常见错误',
      }
    case 'other':
      return {
        en: `The platform key ${owner.id} of merchant ${owner.merchantId} made this signature, so the message came to the wrong merchant's address`,
        zh: `签名由商户 ${owner.merchantId} 的平台密钥 ${owner.id} 生成，该消息发到了另一商户的通知地址`,
      }
  }
}

function textPart(text: SignedText): Explanation {
  switch (text.kind) {
    case 'as-sent':
      return { en: 'it fits this very body', zh: '它与该请求体相符' }
    case 'swapped':
      return {
        en: 'it was made over nonce and timestamp in the wrong order',
        zh: '签名时随机串与时间戳的顺序写反了',
      }
    case 'unterminated':
      return { en: 'it was made without the line feed behind the body', zh: '签名时漏掉了请求体后面的换行' }
    case 'other-digest':
      return { en: 'it was made with another digest than SHA-256', zh: '签名所用的摘要算法不是 SHA-256' }
    case 'other':
      return {
        en: 'it was made over something else than this timestamp, nonce and body, and no known mistake explains it',
        zh: '它签的不是这里的时间戳、随机串与请求体，没有已知的错误能解释',
      }
    case 'rewritten':
      return {
        en: `it fits once ${text.steps.map((step) => STEPS[step].en).join(' and ')}, so something on the way changes bodies and must pass them on byte for byte`,
        zh: `${text.steps.map((step) => STEPS[step].zh).join('并')}后即相符，说明途中有组件改动了请求体，必须让它逐字节原样转发`,
      }
  }
}

/** Puts a diagnosis into words; `named` is the serial that the message names, fit for a sentence. */
export function signatureSentence(diagnosis: Diagnosis, named: string): Explanation {
  if (diagnosis.kind === 'no-signature') return NOT_BASE64
  if (diagnosis.kind === 'nobody') return byNobody(diagnosis.tried)
  const signer = signerPart(diagnosis.by, named)
  const text = textPart(diagnosis.text)
  const spoilt = diagnosis.isHeaderSpoilt ? HEADER_SPOILT : { en: '', zh: '' }
  return {
    en: `${signer.en}: ${text.en}${spoilt.en}.`,
    zh: `${signer.zh}：${text.zh}${spoilt.zh}。`,
    ...(diagnosis.by.kind === 'other' && { forMerchant: BY_NO_KEY_OF_MERCHANT }),
  }
}
