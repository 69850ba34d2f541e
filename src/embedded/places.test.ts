import { expect, test } from 'vitest'
import { placesOf, shortTempDir } from './places.ts'

const LONGEST_SOCKET_PATH_BYTES = 103

test('the sockets of a data directory with a long path have short paths', () => {
  const places = placesOf(`/srv/${'very-long-name/'.repeat(30)}data`, shortTempDir())
  for (const path of [places.controlSocket, places.mongoSocket]) {
    expect(Buffer.byteLength(path)).toBeLessThanOrEqual(LONGEST_SOCKET_PATH_BYTES)
  }
})

test('a data directory always has the same URI, and another directory another', () => {
  expect(placesOf('/srv/a', '/tmp').uri).toBe(placesOf('/srv/a', '/tmp').uri)
  expect(placesOf('/srv/a', '/tmp').uri).not.toBe(placesOf('/srv/b', '/tmp').uri)
})

test('the URI names the socket and the database, and asks for writes that are in the journal', () => {
  const places = placesOf('/srv/a', '/tmp')
  const uri = new URL(places.uri)
  expect(decodeURIComponent(uri.hostname)).toBe(places.mongoSocket)
  expect(uri.pathname).toBe('/paybell')
  expect(Object.fromEntries(uri.searchParams)).toEqual({ directConnection: 'true', w: '1', journal: 'true' })
})
