import { isIPv6 } from 'node:net'

const GROUPS = 8
const MAPPED = '0:0:0:0:0:ffff'

/** The eight groups of an IPv6 address, in lower case and without leading zeros. */
function groupsOf(address: string): readonly string[] {
  const [withoutZone = ''] = address.split('%', 1)
  // The URL parser writes every spelling of an address in one way, and the last 32 bits in hexadecimal.
  const written = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1)
  const [before = [], after = []] = written.split('::').map((half) => half.split(':').filter(Boolean))
  const zeros = Array.from({ length: GROUPS - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after]
}

function toIpv4(groups: readonly string[]): string {
  const bytes = groups
    .map((group) => Number.parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 255])
  return bytes.join('.')
}

/**
 * What an address is counted as. An IPv6 client may choose among the 2^64 addresses of its network, so that all of them
 * are one: the /64. An IPv4 address stands for itself, also when it is written as IPv6 (`::ffff:1.2.3.4`).
 */
export function addressBlock(address: string): string {
  if (!isIPv6(address)) return address
  const groups = groupsOf(address)
  if (groups.slice(0, 6).join(':') === MAPPED) return toIpv4(groups.slice(6))
  return `${groups.slice(0, 4).join(':')}::/64`
}
