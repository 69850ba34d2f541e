/** What is being done in this process for the payers of an order, at most so many of them at the same time. */
export interface Starts<T> {
  /**
   * Runs `start` for a payer, or joins what is under way for the same payer: a double click is one start.
   * Undefined when as many other payers of this order are being served at this moment as may be.
   */
  once(orderId: string, payer: string, start: () => Promise<T>): Promise<T> | undefined
}

/** Nobody is being served yet. */
export function createStarts<T>(mostPayers: number): Starts<T> {
  const orders = new Map<string, Map<string, Promise<T>>>()

  function leave(orderId: string, payer: string): void {
    const payers = orders.get(orderId)
    payers?.delete(payer)
    if (payers?.size === 0) orders.delete(orderId)
  }

  return {
    once(orderId, payer, start) {
      const payers = orders.get(orderId) ?? new Map<string, Promise<T>>()
      const joined = payers.get(payer)
      if (joined !== undefined || payers.size >= mostPayers) return joined
      const started = start().finally(() => leave(orderId, payer))
      orders.set(orderId, payers.set(payer, started))
      return started
    },
  }
}
