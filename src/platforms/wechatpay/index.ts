export type { WechatpayAccount } from './account.ts'
export { createWechatpay } from './wechatpay.ts'
