export { createWechatpay } from './wechatpay.ts'
