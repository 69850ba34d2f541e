import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** The gateway replaces it in every answer, so a page that has it must not lie around compressed. */
const HEAD_MARKER = '<!--paybell:head-->'
const TEXT = /\.(?:js|css|html|svg|json|txt)$/
const SMALLEST_TO_COMPRESS_BYTES = 1024
/** Above this size brotli's best quality takes seconds and gains little. */
const LARGEST_FOR_BEST_BROTLI_BYTES = 256 * 1024

const gzipped = promisify(gzip)
const brotlied = promisify(brotliCompress)

/**
 * Writes a `.br` and a `.gz` beside every text file of a folder that is worth it.
 * @param {string} folder
 */
export async function compressFolder(folder) {
  const names = (await readdir(folder)).filter((name) => TEXT.test(name))
  await Promise.all(names.map((name) => compressFile(join(folder, name))))
}

/** @param {string} path */
async function compressFile(path) {
  const bytes = await readFile(path)
  if (bytes.length <= SMALLEST_TO_COMPRESS_BYTES || bytes.includes(HEAD_MARKER)) return
  const quality = bytes.length <= LARGEST_FOR_BEST_BROTLI_BYTES ? 11 : 5
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  }
  const [small, widelyReadable] = await Promise.all([
    brotlied(bytes, { params }),
    gzipped(bytes, { level: 9 }),
  ])
  await Promise.all([writeFile(`${path}.br`, small), writeFile(`${path}.gz`, widelyReadable)])
}
