/// A line of `/proc/PID/mountinfo` that mounts a hierarchy of cgroups, proc_pid_mountinfo(5).
struct CgroupMount {
  let version: CgroupHierarchy.Version
  /// The cgroup that the mount point shows.
  let root: String
  let point: String
  /// For version 1 the controllers, among others.
  let options: [String]

  init?(_ line: ArraySlice<UInt8>) {
    // 34 23 0:29 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory
    let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard let dash = fields.dropFirst(6).firstIndex(where: { $0.elementsEqual("-".utf8) }), fields.count > dash + 3 else { return nil }
    if fields[dash + 1].elementsEqual("cgroup".utf8) {
      version = .one
    } else if fields[dash + 1].elementsEqual("cgroup2".utf8) {
      version = .two
    } else {
      return nil
    }
    root = CgroupMount.unescaped(fields[3])
    point = CgroupMount.unescaped(fields[4])
    options = fields[dash + 3].split(separator: UInt8(ascii: ",")).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Where a cgroup's path lies below the mount point; nil if the mount does not show it.
  func path(of cgroup: String) -> String? {
    if cgroup.hasPrefix("/..") || root.hasPrefix("/..") { return nil }
    if root == "/" { return cgroup }
    if cgroup == root { return "/" }
    return cgroup.hasPrefix(root + "/") ? String(cgroup.dropFirst(root.count)) : nil
  }

  /// Blanks, tabs, line ends and backslashes are written as `\` and three octal digits.
  private static func unescaped(_ field: ArraySlice<UInt8>) -> String {
    guard field.contains(UInt8(ascii: "\\")) else { return String(decoding: field, as: UTF8.self) }
    var bytes: [UInt8] = [], rest = field
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.count >= 3, let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8) {
        bytes.append(value)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
