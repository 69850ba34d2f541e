const sentence = { en: String, zh: String }

/** An explanation as a field of a schema. */
export const explanationField = {
  type: { ...sentence, forMerchant: { type: sentence, _id: false } },
  _id: false,
  required: true,
} as const
