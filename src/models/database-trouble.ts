import mongoose, { mongo } from 'mongoose'
import { DatabaseSilence } from './in-time.ts'
import { DatabaseFilesMissing } from './intact-database.ts'

/** The driver found no server or no connection, lost one, or waited too long for it. */
const CLASSES = [
  mongo.MongoNetworkError,
  mongo.MongoSystemError,
  mongo.MongoNotConnectedError,
  mongo.MongoServerClosedError,
  mongo.MongoTopologyClosedError,
  mongo.MongoClientClosedError,
  mongo.MongoExpiredSessionError,
  mongo.MongoStalePrimaryError,
  mongo.MongoOperationTimeoutError,
  // The write may have happened, and is not known to be in the journal of the majority.
  mongo.MongoWriteConcernError,
  DatabaseSilence,
  DatabaseFilesMissing,
] as const

/**
 * Classes that cannot be imported. `MongooseError` itself, and none of its subclasses, says that a connection is not open;
 * a socket that breaks under the driver gives errors of Node.
 */
const NAMES: ReadonlySet<string> = new Set(['MongoWaitQueueTimeoutError', 'MongoPoolClosedError'])
const SOCKET_CODES: ReadonlySet<unknown> = new Set(['EPIPE', 'ECONNRESET'])

/** Labels of servers and driver that mean: the same command can succeed later. */
const LABELS = [
  'RetryableWriteError',
  'RetryableError',
  'TransientTransactionError',
  'UnknownTransactionCommitResult',
  'SystemOverloadedError',
  'HandshakeError',
  'ResetPool',
  'PoolRequestedRetry',
] as const

/**
 * Codes of servers. Most have a label, too, but not on every command and not of every server.
 * @see https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
 */
const SERVER_CODES = {
  // The server is not the primary any more, or is stopping.
  LegacyNotPrimary: 10_058,
  NotWritablePrimary: 10_107,
  NotPrimaryNoSecondaryOk: 13_435,
  NotPrimaryOrSecondary: 13_436,
  PrimarySteppedDown: 189,
  ShutdownInProgress: 91,
  InterruptedAtShutdown: 11_600,
  Interrupted: 11_601,
  InterruptedDueToReplStateChange: 11_602,
  // What was being read ended with the primary.
  CursorNotFound: 43,
  QueryPlanKilled: 175,
  CursorKilled: 237,
  // Servers do not reach one another.
  HostUnreachable: 6,
  HostNotFound: 7,
  NetworkTimeout: 89,
  SocketException: 9001,
  FailedToSatisfyReadPreference: 133,
  StaleShardVersion: 63,
  StaleEpoch: 150,
  StaleConfig: 13_388,
  // The majority does not answer.
  WriteConcernTimeout: 64,
  UnsatisfiableWriteConcern: 100,
  ReadConcernMajorityNotAvailableYet: 134,
  SnapshotUnavailable: 246,
  // The server is too slow or has no room.
  LockTimeout: 24,
  LockBusy: 46,
  MaxTimeMSExpired: 50,
  WriteConflict: 112,
  NetworkInterfaceExceededTimeLimit: 202,
  ExceededTimeLimit: 262,
  TemporarilyUnavailable: 365,
  IngressRequestRateLimitExceeded: 462,
  OutOfDiskSpace: 14_031,
  // It does not know the gateway any more, e.g. while its users are being changed.
  AuthenticationFailed: 18,
  ReauthenticationRequired: 391,
} as const

const CODES: ReadonlySet<unknown> = new Set(Object.values(SERVER_CODES))

function hasLabel(error: Error): boolean {
  return error instanceof mongo.MongoError && LABELS.some((label) => error.hasErrorLabel(label))
}

function isNotOpen(error: Error): boolean {
  return error instanceof mongoose.Error && error.name === 'MongooseError'
}

/**
 * Tells whether a call of the database failed because of the database: it cannot be reached, changes its primary, is too
 * slow or full. The same call can succeed later. Of a write it is not known whether it happened, so nothing that depends on
 * it may be acknowledged. Everything else that the driver throws is a mistake of this program.
 */
export function isDatabaseTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (CLASSES.some((known) => error instanceof known) || NAMES.has(error.name)) return true
  if (hasLabel(error) || isNotOpen(error)) return true
  if (!('code' in error)) return false
  return error instanceof mongo.MongoServerError ? CODES.has(error.code) : SOCKET_CODES.has(error.code)
}
