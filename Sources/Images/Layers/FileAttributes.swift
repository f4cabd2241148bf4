internal import CLinux
internal import Glibc
internal import Linux

/// Owner, permissions, extended attributes and time of a file.
struct FileAttributes {
  var userID: UInt32
  var groupID: UInt32
  var permissions: UInt32
  var changed: FileStatus.Time
  var extended: [(name: String, value: [UInt8])] = []

  /// What an archive says. Attributes that belong to overlayfs are left out.
  init(_ entry: ArchiveEntry) {
    userID = entry.userID
    groupID = entry.groupID
    permissions = entry.permissions
    changed = entry.changed
    extended = entry.attributes.filter { !OverlayMark.isOwn($0.name) }
  }

  /// What stat(2) tells.
  init(_ status: stat) {
    userID = status.st_uid
    groupID = status.st_gid
    permissions = UInt32(status.st_mode) & 0o7777
    changed = FileStatus.Time(seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
  }

  /// Gives them to an open file, which may be open as a place only. The time only if `setsTime`, as a folder's changes with what is put into it.
  func apply(to descriptor: Int32, isLink: Bool, setsTime: Bool = true) throws {
    // By this name the file is found whatever its own name leads to by now.
    let path = FileAttributes.path(of: descriptor)
    try setOwner(descriptor)
    // A change of the owner takes the set-ID bits and file capabilities away; so both follow it.
    if !isLink, chmod(path, permissions) != 0 { throw SystemError(.last, "change the mode") }
    for (attribute, value) in extended { try FileAttributes.set(attribute, value, path) }
    if setsTime { try setTime(of: descriptor) }
  }

  /// Sets the time of the last change, and of the last access.
  func setTime(of descriptor: Int32) throws {
    let times = [timespec](repeating: timespec(tv_sec: changed.seconds, tv_nsec: changed.nanoseconds), count: 2)
    guard utimensat(AT_FDCWD, FileAttributes.path(of: descriptor), times, 0) == 0 else { throw SystemError(.last, "set the time") }
  }

  /// Sets one extended attribute of an open file.
  static func set(_ attribute: String, _ value: [UInt8], of descriptor: Int32) throws { try set(attribute, value, path(of: descriptor)) }

  private func setOwner(_ descriptor: Int32) throws {
    if fchownat(descriptor, "", userID, groupID, clinux_at_empty_path) == 0 { return }
    let failure = Errno.last
    // Who is not root, or is so only in a user namespace, keeps what cannot be given to others.
    if !UserNamespace.isMachineRoot && (failure == .notPermitted || failure == .invalid) { return }
    throw SystemError(failure, "give it to \(userID):\(groupID)")
  }

  private static func set(_ attribute: String, _ value: [UInt8], _ path: String) throws {
    if setxattr(path, attribute, value, value.count, 0) == 0 { return }
    // Not every file system has every kind, and not every process may set it.
    guard [.notSupported, .notPermitted].contains(Errno.last) else { throw SystemError(.last, "set the attribute \(attribute)") }
  }

  private static func path(of descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }
}
