internal import CLinux
internal import Glibc
internal import Linux

/// How overlayfs finds in a layer what hides something below.
struct OverlayMark {
  /// Where the mark of an opaque folder is: `trusted.` belongs to the machine's root, in a user namespace overlay is mounted with `userxattr`.
  let prefix: String

  /// The marks that a mount by this process goes by.
  static let current = OverlayMark(prefix: UserNamespace.isMachineRoot ? "trusted.overlay." : "user.overlay.")

  /// The extended attribute of a folder that hides everything below it.
  var opaque: String { prefix + "opaque" }

  /// Whether an extended attribute belongs to overlayfs, and so to no archive.
  static func isOwn(_ attribute: String) -> Bool { attribute.hasPrefix("trusted.overlay.") || attribute.hasPrefix("user.overlay.") }

  /// Whether what lstat(2) tells is a whiteout: a character device 0:0.
  static func isWhiteout(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == 0 }

  /// Whether a folder hides everything below it, by the mark of either kind.
  static func isOpaque(_ path: String) -> Bool {
    ["trusted.overlay.opaque", "user.overlay.opaque"].contains { name in
      var value: UInt8 = 0
      return lgetxattr(path, name, &value, 1) == 1 && value == UInt8(ascii: "y")
    }
  }
}
