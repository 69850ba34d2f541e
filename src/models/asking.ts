import type { Model } from 'mongoose'
import type { Check } from '../domain/check-schedule.ts'
import { UNJOURNALED } from './unjournaled.ts'

/** When the platform was and will be asked about an order. Beside the order: it is no part of what is known of it. */
export interface Asking {
  readonly nextCheckAt: Date | null
  readonly checkRung: number
  /** When the newest question began. */
  readonly askedAt: Date | null
  /** Until when that question may be under way; null once it has ended. */
  readonly askedUntil: Date | null
}

/** The fields of `Asking` for a schema. */
export const askingFields = {
  nextCheckAt: { type: Date, default: null },
  checkRung: { type: Number, default: 0 },
  askedAt: { type: Date, default: null },
  askedUntil: { type: Date, default: null },
} as const

/** What a schedule sets; undefined sets nothing, null ends it. */
export function askingFrom(check: Check | null | undefined): Partial<Asking> {
  if (check === undefined) return {}
  return { nextCheckAt: check?.dueAt ?? null, checkRung: check?.rung ?? 0 }
}

/** The same as an update of a stored order. */
export function askingUpdate(check: Check | null | undefined) {
  if (check === undefined || check === null || check.isLatest !== true) return { $set: askingFrom(check) }
  return { $set: { checkRung: check.rung }, $min: { nextCheckAt: check.dueAt } }
}

/** A question that is about to begin. */
export interface Question {
  readonly now: Date
  /** How long after the beginning of one question another may begin, in milliseconds. */
  readonly gapMs: number
  /** How long it may be under way, in milliseconds: after that, whoever asked it is believed to be dead. */
  readonly leaseMs: number
}

/** Who may ask the platform about an order, among any number of processes. */
export interface QuestionDesk {
  /** Notes that a question begins; false when one began too short a time ago or is still under way. */
  claimQuestion(id: string, question: Question): Promise<boolean>
  /** Notes that the question which began at `askedAt` may be under way until a later moment, unless it has ended. */
  renewQuestion(id: string, askedAt: Date, until: Date): Promise<void>
  /** Notes that the question which began at `askedAt` has ended. */
  releaseQuestion(id: string, askedAt: Date): Promise<void>
}

/**
 * How far the clocks of two processes may lie apart, in milliseconds. A moment that lies further ahead is that of a clock
 * which was put back since; one that lies less far ahead is somebody else's present.
 */
const SKEW_MS = 5000

function later({ now }: Question, milliseconds: number): Date {
  return new Date(now.getTime() + milliseconds)
}

/** Registers who asks in the orders' own documents. */
export function questionDesk<T extends Asking & { readonly _id: string }>(model: Model<T>): QuestionDesk {
  return {
    async claimQuestion(id, question) {
      const { now, gapMs, leaseMs } = question
      const askedUntil = later(question, leaseMs)
      const began = [
        { askedAt: null },
        { askedAt: { $lte: later(question, -gapMs) } },
        { askedAt: { $gt: later(question, SKEW_MS) } },
      ]
      const ended = [
        { askedUntil: null },
        { askedUntil: { $lte: now } },
        { askedUntil: { $gt: later(question, leaseMs + SKEW_MS) } },
      ]
      const result = await model.updateOne(
        { _id: id, $and: [{ $or: began }, { $or: ended }] },
        { $set: { askedAt: now, askedUntil } },
        UNJOURNALED,
      )
      return result.modifiedCount === 1
    },
    async renewQuestion(id, askedAt, until) {
      await model.updateOne(
        { _id: id, askedAt, askedUntil: { $ne: null } },
        { $set: { askedUntil: until } },
        UNJOURNALED,
      )
    },
    async releaseQuestion(id, askedAt) {
      await model.updateOne({ _id: id, askedAt }, { $set: { askedUntil: null } }, UNJOURNALED)
    },
  }
}
