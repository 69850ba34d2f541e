import { mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { placesOf, shortTempDir } from '../embedded/places.ts'
import { sandboxFolder } from './sandbox-config.ts'

/** Where the one simulated platform of a data directory is; the same for every gateway that is given the same directory. */
export interface PlatformPlaces {
  /** `DATA_DIR/sandbox`: keys, configuration, and what the simulator keeps. */
  readonly folder: string
  /** What the platform's process has to say; small. */
  readonly logFile: string
  /** Holds the two sockets; open to this user alone. */
  readonly socketDir: string
  /** Where gateways hold their leases. */
  readonly controlSocket: string
  /** Held by the process that may use the folder. */
  readonly lockSocket: string
}

/** Works out the places, and makes the folder. The sockets are beside the embedded database's, for the same reasons. */
export async function platformPlaces(dataDir: string): Promise<PlatformPlaces> {
  await mkdir(sandboxFolder(dataDir), { recursive: true, mode: 0o700 })
  const real = await realpath(dataDir)
  const folder = sandboxFolder(real)
  const socketDir = `${placesOf(real, shortTempDir()).socketDir}-sandbox`
  return {
    folder,
    logFile: join(folder, 'simulator.log'),
    socketDir,
    controlSocket: join(socketDir, 'control.sock'),
    lockSocket: join(socketDir, 'lock.sock'),
  }
}
