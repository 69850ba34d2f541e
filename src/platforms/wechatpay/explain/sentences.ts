import type { Explanation, Sentence } from '../../../domain/explanation.ts'

/** What is wrong about the headers of a message. */
export const HEADERS = {
  missing: (header: string): Explanation => ({
    en: `The header ${header} is missing: the sender is not WeChat Pay, or something on the way drops headers.`,
    zh: `缺少请求头 ${header}：发送方不是微信支付，或者途中有组件丢弃了请求头。`,
  }),
  repeated: (header: string, times: number): Explanation => ({
    en: `The header ${header} came ${times} times: something on the way adds it again.`,
    zh: `请求头 ${header} 出现了 ${times} 次：途中有组件重复添加了它。`,
  }),
  timestampUnreadable: {
    en: 'The header Wechatpay-Timestamp is no number of seconds: the sender is not WeChat Pay.',
    zh: '请求头 Wechatpay-Timestamp 不是以秒为单位的数字：发送方不是微信支付。',
  },
  swapped: {
    en: "The headers Wechatpay-Timestamp and Wechatpay-Nonce hold each other's values: the sender must swap them.",
    zh: '请求头 Wechatpay-Timestamp 与 Wechatpay-Nonce 的值互换了：发送方须把两者对调。',
  },
  schemeUnknown: (scheme: string): Explanation => ({
    en: `The message says that it is signed by ${scheme}, and only WECHATPAY2-SHA256-RSA2048 is spoken here.`,
    zh: `该消息声明的签名算法是 ${scheme}，而本网关只支持 WECHATPAY2-SHA256-RSA2048。`,
  }),
  probe: {
    en: 'WeChat Pay signed this wrongly on purpose, to see it refused: nothing to do, it sends the same again properly signed.',
    zh: '这是微信支付的签名探测，签名是故意写错的：无需处理，微信支付会以正确的签名重新发送。',
  },
} as const

/** What a look at the signature adds to a complaint about the time. */
export const BESIDES_TIME = {
  fits: { en: 'apart from that its signature is good', zh: '除此之外签名正确' },
  unfit: { en: 'its signature does not fit either', zh: '此外签名也不匹配' },
  unknown: { en: 'the key that it names is not known here either', zh: '此外它所指的密钥在本网关也未知' },
} as const

/** What is wrong about the time of a message. */
export const TIME = {
  behind: (seconds: number, besides: Explanation): Explanation => ({
    en: `The message was signed ${seconds} s before it arrived, too old by this machine's clock: it was held up, somebody sent it again, or this clock is ahead; ${besides.en}.`,
    zh: `按本机时钟，该消息在到达前 ${seconds} 秒签名，已过期：消息被延误、被他人重放，或本机时钟偏快；${besides.zh}。`,
  }),
  ahead: (seconds: number, besides: Explanation): Explanation => ({
    en: `The message was signed ${seconds} s ahead of ours: check this machine's clock, it seems to be behind; ${besides.en}.`,
    zh: `该消息的签名时间比本机时钟超前 ${seconds} 秒：请检查本机时钟，它可能偏慢；${besides.zh}。`,
  }),
  milliseconds: {
    en: 'The header Wechatpay-Timestamp counts milliseconds where seconds belong: the sender is not WeChat Pay.',
    zh: '请求头 Wechatpay-Timestamp 以毫秒计，而应以秒计：发送方不是微信支付。',
  },
} as const

/** What is wrong about the key that a message names. */
export const KEYS = {
  unknown: (serial: string, known: Explanation): Explanation => ({
    en: `No key named ${serial} is known here for this merchant, ${known.en}: add it to platformKeys if the merchant console shows it.`,
    zh: `本网关没有该商户名为 ${serial} 的平台密钥，${known.zh}：若商户平台上有此密钥，请加入 platformKeys。`,
  }),
  ofMerchant: (serial: string, known: Explanation): Explanation => ({
    en: `The header Wechatpay-Serial names this merchant's own certificate ${serial} where a key of the platform belongs, ${known.en}.`,
    zh: `请求头 Wechatpay-Serial 写的是商户自己的证书 ${serial}，而应是平台的密钥，${known.zh}。`,
  }),
  ofOther: (serial: string, merchantId: string, forMerchant: Sentence): Explanation => ({
    forMerchant,
    en: `The key ${serial} is one of merchant ${merchantId}: the message came to the wrong merchant's address.`,
    zh: `密钥 ${serial} 属于商户 ${merchantId}：该消息发到了另一商户的通知地址。`,
  }),
  none: { en: 'and none at all is', zh: '且尚无任何平台密钥' },
  list: (ids: string, more: number): Explanation => ({
    en: `and known are ${ids}${more === 0 ? '' : ` and ${more} more`}`,
    zh: `已知的有 ${ids}${more === 0 ? '' : ` 等 ${more} 个其他密钥`}`,
  }),
} as const

/** What is wrong about a message that is rightly signed. */
export const CONTENT = {
  bodyNotJson: {
    en: 'The signature is good, but the body is not JSON: this is not a notification of API v3.',
    zh: '签名正确，但请求体不是 JSON：这不是 API v3 的通知。',
  },
  bodyUndocumented: (flaw: Explanation): Explanation => ({
    en: `The signature is good, but the body is no notification as documented: ${flaw.en}.`,
    zh: `签名正确，但请求体与通知的文档不符：${flaw.zh}。`,
  }),
  contentNotJson: {
    en: 'The resource was decrypted, but its text is not JSON.',
    zh: '通知内容已解密，但其文本不是 JSON。',
  },
  contentUndocumented: (flaw: Explanation): Explanation => ({
    en: `The payment was decrypted, but it is not as documented: ${flaw.en}.`,
    zh: `支付信息已解密，但与文档不符：${flaw.zh}。`,
  }),
} as const

/** What a notification is about that is no payment for this gateway. */
export const NOT_HANDLED = {
  event: (eventType: string): Explanation => ({
    en: `Events of type ${eventType} are not handled by this gateway; it is kept as it came.`,
    zh: `本网关不处理 ${eventType} 类型的事件，已原样保存。`,
  }),
  combined: {
    en: 'It reports a combined payment, which this gateway does not handle; it is kept as it came.',
    zh: '这是合单支付的通知，本网关不处理合单支付，已原样保存。',
  },
  refund: {
    en: 'It reports the result of a refund, which this gateway does not handle; it is kept as it came.',
    zh: '这是退款结果通知，本网关不处理退款结果，已原样保存。',
  },
  profitSharing: {
    en: 'It reports the result of profit sharing, which this gateway does not handle; it is kept as it came.',
    zh: '这是分账结果通知，本网关不处理分账，已原样保存。',
  },
  state: (tradeState: string): Explanation => ({
    en: `It reports a transaction in the state ${tradeState}, in which nothing was paid; it is kept as it came.`,
    zh: `通知中交易的状态是 ${tradeState}，并未支付，已原样保存。`,
  }),
} as const

/** Part of a sentence about the field that is wrong; null when there is not even an object. */
export function flawSentence(field: string | null): Explanation {
  return field === null
    ? { en: 'it is not a JSON object', zh: '它不是 JSON 对象' }
    : { en: `${field} is missing or not as documented`, zh: `${field} 缺失或与文档不符` }
}

const WRONG_KEY: Sentence = {
  en: 'The signature is good, but the APIv3 key here is not the one that WeChat Pay encrypts with: configure the one that is set in the merchant console.',
  zh: '签名正确，但本网关的 APIv3 密钥与微信支付加密所用的不同：请配置商户平台上设置的那一个。',
}

/** Why a message that is rightly signed cannot be decrypted. */
export const SEALED = {
  otherAlgorithm: (algorithm: string): Explanation => ({
    en: `The signature is good, but the resource is encrypted by ${algorithm}, and only AEAD_AES_256_GCM is spoken here.`,
    zh: `签名正确，但通知内容以 ${algorithm} 加密，而本网关只支持 AEAD_AES_256_GCM。`,
  }),
  damaged: {
    en: 'The signature is good, but the ciphertext or its nonce is damaged: no key can open it.',
    zh: '签名正确，但密文或其随机串已损坏：任何密钥都无法解密。',
  },
  wrongKey: WRONG_KEY,
  keyOfOther: (merchantId: string): Explanation => ({
    forMerchant: WRONG_KEY,
    en: `The signature is good, and the APIv3 key of merchant ${merchantId} opens it: the keys of the two merchants were mixed up.`,
    zh: `签名正确，且商户 ${merchantId} 的 APIv3 密钥可以解密：两个商户的密钥配置混淆了。`,
  }),
} as const
