/** For what nothing is promised about, such as rejected notifications and query leases: it need not wait for the journal. */
export const UNJOURNALED = { writeConcern: { w: 1, j: false } } as const
