import CLinux

/// The kind of file system a file lies on: statfs(2)'s number, `<linux/magic.h>`.
public struct FileSystemType: RawRepresentable, Hashable, Sendable {
  /// The kernel's number.
  public let rawValue: UInt64

  /// Makes a type of the kernel's number.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Whether the content lives in memory and is gone after a reboot.
  public var isVolatile: Bool { FileSystemType.volatile.contains(rawValue) }

  /// Whether only this kernel changes the files, as far as is known: network, cluster and unknown file systems answer false.
  public var isLocal: Bool { isVolatile || FileSystemType.disk.contains(rawValue) }

  private static let volatile: [UInt64] = [UInt64(TMPFS_MAGIC), UInt64(RAMFS_MAGIC)]

  /// ext2 to ext4, XFS, Btrfs, F2FS, overlayfs, and the two that `<linux/magic.h>` lacks: bcachefs and ZFS.
  private static let disk: [UInt64] = [
    UInt64(EXT4_SUPER_MAGIC), UInt64(XFS_SUPER_MAGIC), UInt64(BTRFS_SUPER_MAGIC), UInt64(F2FS_SUPER_MAGIC), UInt64(OVERLAYFS_SUPER_MAGIC),
    0xCA45_1A4E, 0x2FC1_2FC1,
  ]
}
