import { describe, expect, it, vi } from 'vitest'
import { isDeliveryFault, readFault } from './fault-kinds.ts'
import { createFaults } from './faults.ts'
import type { Simulator } from './simulator.ts'
import { merchant, placeOrder, startSimulator, until } from './testing/merchant.ts'
import { startReceiver } from './testing/receiver.ts'

const ref = { mchId: merchant.mchId, outTradeNo: 'T20260101000001' }
const other = { mchId: merchant.mchId, outTradeNo: 'T20260101000002' }

describe('which fault strikes', () => {
  it('is the one with the narrowest target, and among equals the oldest', () => {
    const faults = createFaults(() => {})
    faults.add(readFault({ kind: 'corrupt' }))
    faults.add(readFault({ kind: 'lose', target: { mchId: ref.mchId } }))
    faults.add(readFault({ kind: 'probe', target: ref }))
    faults.add(readFault({ kind: 'reorder', target: ref }))
    const strike = (subject: object): string | undefined => faults.take(subject, isDeliveryFault)?.fault.kind
    expect([strike(ref), strike(ref), strike(ref), strike(other), strike({})]).toEqual([
      'probe',
      'reorder',
      'lose',
      'corrupt',
      undefined,
    ])
  })

  it('is no fault of the other side', () => {
    const faults = createFaults(() => {})
    faults.add(readFault({ kind: 'drop-before' }))
    expect(faults.take(ref, isDeliveryFault)).toBeUndefined()
    expect(faults.list()).toMatchObject([{ hits: 0 }])
  })

  it('is used up after its times, and gone from the list once its last victim is through', () => {
    const changed = vi.fn<() => void>()
    const faults = createFaults(changed)
    faults.add(readFault({ kind: 'corrupt', times: 2 }))
    const first = faults.take(ref, isDeliveryFault)
    const second = faults.take(ref, isDeliveryFault)
    expect(faults.take(ref, isDeliveryFault)).toBeUndefined()
    expect(faults.list()).toMatchObject([{ times: 2, hits: 2, underWay: 2 }])
    first?.end()
    expect(faults.list()).toMatchObject([{ underWay: 1 }])
    second?.end()
    expect(faults.list()).toEqual([])
    expect(changed).toHaveBeenCalledTimes(5)
  })

  it('can be one for always, until it is taken away', () => {
    const faults = createFaults(() => {})
    const { id } = faults.add(readFault({ kind: 'corrupt', times: 'always' }))
    const hit = Array.from({ length: 30 }, () => faults.take(ref, isDeliveryFault)).at(-1)
    expect(hit?.removed.aborted).toBe(false)
    faults.remove(id)
    expect(hit?.removed.aborted).toBe(true)
    expect(faults.take(ref, isDeliveryFault)).toBeUndefined()
    expect(() => faults.remove(id)).toThrow('故障不存在')
  })
})

const address = ({ url }: Simulator): string => `${url}/sandbox/faults`
const post = (simulator: Simulator, fault: unknown): Promise<Response> =>
  fetch(address(simulator), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
  })

describe('faults by HTTP', () => {
  it('are added, listed, shown in the state, and taken away', async () => {
    const simulator = await startSimulator()
    const answer = await post(simulator, { kind: 'delay', ms: 50, target: ref })
    const fault = { id: 'fault-1', kind: 'delay', ms: 50, times: 1, target: ref, hits: 0, underWay: 0 }
    expect([answer.status, await answer.json()]).toEqual([201, fault])
    expect(await (await fetch(address(simulator))).json()).toEqual([fault])
    const state = await (await fetch(`${simulator.url}/sandbox/state`)).json()
    expect(state).toMatchObject({ faults: [fault] })
    for (const status of [204, 404]) {
      const removal = await fetch(`${address(simulator)}/fault-1`, { method: 'DELETE' })
      expect(removal.status).toBe(status)
    }
    expect(simulator.faults.list()).toEqual([])
  })

  it('strike only what they are aimed at', async () => {
    const receiver = await startReceiver([204])
    const simulator = await startSimulator({ notifyTimeFactor: 0.001 })
    await post(simulator, { kind: 'lose', target: ref })
    for (const { outTradeNo } of [other, ref]) {
      await placeOrder(simulator, { out_trade_no: outTradeNo, notify_url: receiver.url })
      await simulator.pay({ mchId: ref.mchId, outTradeNo })
    }
    await until(simulator, () => simulator.notifications().every(({ state }) => state === 'DELIVERED'))
    const [spared, struck] = simulator.notifications().map(({ attempts }) => attempts[0]?.fault)
    expect([spared, struck]).toEqual([undefined, 'lose'])
  })

  it.each([
    ['an unknown kind', { kind: 'sabotage' }, '/kind'],
    ['a missing parameter', { kind: 'delay' }, '/ms'],
    ['a parameter of another kind', { kind: 'lose', ms: 5 }, '/ms'],
    ['no times at all', { kind: 'lose', times: 0 }, '/times'],
    ['a call as the target of a delivery', { kind: 'lose', target: { call: 'query' } }, '/target/call'],
  ])('are refused with %s', async (_what, body, field) => {
    const simulator = await startSimulator()
    const answer = await post(simulator, body)
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { code: 'PARAM_ERROR', detail: { field } },
    ])
    expect(simulator.faults.list()).toEqual([])
  })
})
