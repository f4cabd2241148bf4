internal import Glibc
internal import Linux

/// The network namespaces of a host: those that processes are in, and those that are held by a name.
struct NamespaceScan {
  /// One namespace.
  struct Found {
    /// Files that name it, those in /run/netns first.
    var paths: [String] = []
    /// The processes in it, in the order of their numbers.
    var processes: [Int32] = []
  }

  /// By the identity of the namespace file.
  private(set) var namespaces: [FileIdentity: Found] = [:]
  /// How many processes did not tell us their namespace.
  private(set) var hiddenProcesses = 0
  /// Whether process 1 is one of them, as where it has more rights than even our root.
  private(set) var isInitHidden = false

  init() throws(SystemError) {
    for process in try FileSystem.names(in: "/proc").compactMap({ Int32($0) }).sorted() {
      do { namespaces[try FileIdentity(path: "/proc/\(process)/ns/net"), default: Found()].processes.append(process) } catch {
        // It has ended meanwhile, or is somebody else's.
        if error.code == .accessDenied || error.code == .notPermitted {
          hiddenProcesses += 1
          if process == 1 { isInitHidden = true }
        }
      }
    }
    for path in try NamespaceScan.mountedFiles() {
      if let identity = try? FileIdentity(path: path) { namespaces[identity, default: Found()].paths.append(path) }
    }
  }

  /// Where namespace files are mounted: `/run/netns/NAME`, `/run/docker/netns/ID`…
  private static func mountedFiles() throws(SystemError) -> [String] {
    var paths: [String] = []
    for line in try FileSystem.read("/proc/self/mountinfo").split(separator: UInt8(ascii: "\n")) {
      // ID, parent, device, root, mount point, options… - type source options: proc(5)
      let words = line.split(separator: UInt8(ascii: " "))
      guard words.count > 6, words[3].starts(with: "net:[".utf8) else { continue }
      paths.append(NamespaceScan.unescaped(words[4]))
    }
    let isNamed = { (path: String) in path.hasPrefix("/run/netns/") || path.hasPrefix("/var/run/netns/") }
    return paths.sorted { (isNamed($0) ? 0 : 1, $0) < (isNamed($1) ? 0 : 1, $1) }
  }

  /// Blanks and some others are written as a backslash and three octal digits.
  private static func unescaped(_ text: ArraySlice<UInt8>) -> String {
    var bytes: [UInt8] = [], rest = text
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), let number = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8) {
        bytes.append(number)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
