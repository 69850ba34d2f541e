/**
 * Which state of a replica set is read. `local`: the newest one of the primary, which a failover may take back; for what is
 * followed by a guarded write. `majority`: what no failover takes back; for what callers and subscribers are told. An
 * acknowledged write is part of both. On a standalone server they are the same.
 */
export type ReadConcern = 'local' | 'majority'

/** See `ReadConcern`. */
export const COMMITTED: ReadConcern = 'majority'
