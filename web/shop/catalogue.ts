/** One tea of the demo shop. */
export interface Tea {
  readonly sku: string
  /** For one piece, in fen. */
  readonly priceFen: number
  readonly name: Words
  readonly note: Words
}

/** The same words in the shop's two languages. */
export interface Words {
  readonly zh: string
  readonly en: string
}

/** The most of one tea that one order may have. */
export const MAX_QUANTITY = 9

/** Everything that the shop sells. The page shows these prices, and the backend charges them whatever the page says. */
export const TEAS: readonly Tea[] = [
  {
    sku: 'jasmine-bag',
    priceFen: 1,
    name: { zh: '茉莉花茶 · 一泡', en: 'Jasmine, one bag' },
    note: { zh: '一分钱，尝一杯', en: 'A first cup for one fen' },
  },
  {
    sku: 'longjing',
    priceFen: 2_800,
    name: { zh: '西湖龙井 50 克', en: 'West Lake Longjing, 50 g' },
    note: { zh: '明前采摘，豆香清甜', en: 'Picked before Qingming, sweet and nutty' },
  },
  {
    sku: 'dahongpao',
    priceFen: 8_800,
    name: { zh: '武夷大红袍 100 克', en: 'Wuyi Da Hong Pao, 100 g' },
    note: { zh: '岩骨花香，炭火慢焙', en: 'Rock oolong, slowly charcoal-roasted' },
  },
  {
    sku: 'puer-cake',
    priceFen: 19_800,
    name: { zh: '云南普洱饼 357 克', en: "Yunnan Pu'er cake, 357 g" },
    note: { zh: '古树春茶，越陈越香', en: 'Old trees, spring leaves, years to come' },
  },
]
