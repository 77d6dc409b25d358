import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  linuxNetworkFileSystem,
  macNetworkFileSystem,
  networkFileSystem,
} from '../../../src/main/database/network-drive.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

test('a folder on the disk of this machine is local, also through a link', () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'project'))
  symlinkSync(join(folder, 'project'), join(folder, 'link'))
  expect(networkFileSystem(join(folder, 'link'))).toBeUndefined()
})

test('on Linux the type of the file system decides, whether the system gives it with a sign or without', () => {
  const ext4 = 0xef53
  const tmpfs = 0x01021994
  expect([ext4, tmpfs].map(linuxNetworkFileSystem)).toEqual([undefined, undefined])
  expect([0x6969, 0xff534d42, 0xff534d42 | 0, 0x65735546].map(linuxNetworkFileSystem)).toEqual([
    'NFS',
    'CIFS',
    'CIFS',
    'FUSE',
  ])
})

test('on macOS the mount that holds the folder decides, not one whose name begins alike', () => {
  const mounts = [
    '/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)',
    '/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)',
    '//anna@store/lab on /Volumes/lab (smbfs, nodev, nosuid, mounted by anna)',
    '/dev/disk5s1 on /Volumes/lab/usb (exfat, local, nodev)',
  ].join('\n')
  expect(
    ['/Users/anna/project', '/Volumes/lab/yeast', '/Volumes/laboratory', '/Volumes/lab/usb/yeast'].map(
      (folder) => macNetworkFileSystem(mounts, folder),
    ),
  ).toEqual([undefined, 'smbfs', undefined, undefined])
})
