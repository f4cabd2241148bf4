import CLinux

/// How far a path that is looked up from an open folder may lead: the resolve flags of openat2(2).
public struct PathScope: OptionSet, Sendable {
  /// The kernel's bits.
  public let rawValue: UInt64

  /// Makes a scope of the kernel's bits.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// RESOLVE_BENEATH: whatever leads out of the folder, `..`, an absolute path or link, fails with EXDEV.
  public static let beneath = PathScope(rawValue: UInt64(RESOLVE_BENEATH) | UInt64(RESOLVE_NO_MAGICLINKS))
  /// RESOLVE_IN_ROOT: the folder is taken for `/`, as chroot(2) does.
  public static let inRoot = PathScope(rawValue: UInt64(RESOLVE_IN_ROOT) | UInt64(RESOLVE_NO_MAGICLINKS))
  /// RESOLVE_NO_SYMLINKS: a symbolic link anywhere in the path fails with ELOOP.
  public static let withoutLinks = PathScope(rawValue: UInt64(RESOLVE_NO_SYMLINKS))
}

extension OwnedFile {
  /// Opens a file relative to an open directory; the path may lead only where `scope` allows.
  public init(
    _ path: String, in directory: borrowing OwnedFile, scope: PathScope, flags: OpenFlags = .readOnly, mode: UInt32 = 0o644
  ) throws(SystemError) {
    self.init(
      adopting: try checked(
        unsafe clinux_open_resolving(directory.descriptor, path, flags.rawValue, mode, scope.rawValue), "open \(path)"))
  }
}
