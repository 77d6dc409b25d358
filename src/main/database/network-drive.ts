import { execFileSync } from 'node:child_process'
import { realpathSync, statfsSync } from 'node:fs'
import { platform } from 'node:os'

/**
 * Linux: `f_type` of statfs(2), from the kernel's linux/magic.h and the file systems' own headers. FUSE is among
 * them because what stands behind it (sshfs, a cloud drive, a local disk) cannot be told; the rollback journal is
 * right for all of them.
 */
const linuxTypes: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'kAFS'],
  [0x73757245, 'Coda'],
  [0x564c, 'NCP'],
  [0x01021997, '9P'],
  [0x65735546, 'FUSE'],
  [0x00c36400, 'Ceph'],
  [0x47504653, 'GPFS'],
  [0x0bd00bd0, 'Lustre'],
  [0x19830326, 'BeeGFS'],
  [0x20030528, 'OrangeFS'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
  [0x786f4256, 'VirtualBox shared folder'],
  [0xbacbacbc, 'VMware shared folder'],
])

/** macOS: names of file systems as mount(8) prints them. */
const macTypes = /^(smbfs|nfs|afpfs|webdav|ftp|macfuse|osxfuse|fuse.*)$/

/** The network file system that Linux's `f_type` stands for; undefined for a local one. */
export function linuxNetworkFileSystem(type: number): string | undefined {
  // Signed on 32-bit systems.
  return linuxTypes.get(type >>> 0)
}

/** The network file system that holds `folder`, by what `mount` printed on macOS; undefined for a local one. */
export function macNetworkFileSystem(mountOutput: string, folder: string): string | undefined {
  const mounts = [...mountOutput.matchAll(/^.* on (\/.*?) \(([^,)]+)/gm)].map(([, point, type]) => ({
    point: point as string,
    type: type as string,
  }))
  const holding = mounts
    .filter(({ point }) => point === '/' || folder === point || folder.startsWith(`${point}/`))
    .sort((first, second) => second.point.length - first.point.length)[0]
  return holding !== undefined && macTypes.test(holding.type) ? holding.type : undefined
}

/**
 * The name of the network file system that holds an existing folder; undefined where it is local. On Windows a
 * mapped drive letter is seen through: its real path begins with two backslashes.
 */
export function networkFileSystem(folder: string): string | undefined {
  const path = realpathSync.native(folder)
  if (platform() === 'win32') return path.startsWith('\\\\') ? 'Windows share' : undefined
  if (platform() === 'darwin')
    return macNetworkFileSystem(execFileSync('/sbin/mount', { encoding: 'utf8' }), path)
  return linuxNetworkFileSystem(statfsSync(path).type)
}
