import { open, stat, truncate } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

const MAX_LOG_BYTES = 1024 * 1024

/** Opens a log file for appending, for this user alone, emptied first when it has grown over one mebibyte. */
export async function openLog(path: string): Promise<FileHandle> {
  const file = await open(path, 'a', 0o600)
  await boundLog(path)
  return file
}

/** Empties a log file that has grown over one mebibyte; who has it open for appending goes on at its start. */
export async function boundLog(path: string): Promise<void> {
  const { size } = await stat(path)
  if (size > MAX_LOG_BYTES) await truncate(path)
}
