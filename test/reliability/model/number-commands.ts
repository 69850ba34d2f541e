import { expectAgreement, expectAllAgree } from './agreement.ts'
import { command, hasOrder, naming, pickOrder, type Command } from './command.ts'
import type { ModelOrder } from './model.ts'
import { isPayableElsewhere, openElsewhere, payElsewhere, type ElsewhereChoice } from './other-system.ts'
import { stateThere } from './platform-side.ts'
import type { World } from './world.ts'

/** Another system of the merchant uses the number of an order that exists; or its payer pays. */
export function useElsewhere(slot: number, choice: ElsewhereChoice): Command {
  return command(`useElsewhere(${slot}, ${naming.elsewhere(choice)})`, hasOrder, async (model, world) => {
    const order = pickOrder(model, slot)
    if (isPayableElsewhere(world, order)) await payElsewhere(world, order)
    else await openElsewhere(world, order, choice)
    await expectAgreement(world, order)
  })
}

function forgettable(world: World, { attempts }: ModelOrder): readonly string[] {
  return attempts
    .map(({ tradeNo }) => tradeNo)
    .filter((tradeNo) => ['NOTPAY', 'CLOSED'].includes(stateThere(world, tradeNo) ?? ''))
}

/** The platform forgets a number that it has handed out parameters for, and that is not paid. */
export function forget(slot: number, index: number): Command {
  return command(`forget(${slot}, attempt ${index})`, hasOrder, async (model, world) => {
    const order = pickOrder(model, slot)
    const tradeNos = forgettable(world, order)
    const outTradeNo = tradeNos[index % tradeNos.length]
    if (outTradeNo !== undefined) await world.simulator.forget({ mchId: world.merchant.mchId, outTradeNo })
    await expectAgreement(world, order)
  })
}

/** The gateway is started again under another public URL. */
export function move(): Command {
  return command(
    'move()',
    () => true,
    async (model, world) => {
      await world.move()
      await expectAllAgree(world, model)
    },
  )
}
