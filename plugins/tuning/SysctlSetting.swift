import CNI
import JSON
import Linux

/// A kernel parameter of the `net` part of sysctl(8), and the value that it is to have.
///
/// The key is read by the rules of sysctl.d(5): whichever of `.` and `/` comes first separates; after a `.` the other one stands for a dot
/// within a name. `IFNAME` stands for the interface.
struct SysctlSetting: Equatable {
  /// The key with dots between its parts and `IFNAME` as it is: what the allowlist is asked for.
  let key: String
  /// The place below `/proc/sys/net`.
  let path: String
  /// The value as text.
  let value: String

  /// Reads a member of the object `sysctl`.
  init(key text: String, _ value: ConfigurationValue, interface: String) throws(CNIError) {
    let swap: (Character) -> Character = { $0 == "." ? "/" : $0 == "/" ? "." : $0 }
    let isDotted = text.first { $0 == "." || $0 == "/" } != "/"
    let parts = (isDotted ? String(text.map(swap)) : text).split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
    guard parts.count > 1, parts[0] == "net", parts.allSatisfy({ !["", ".", ".."].contains($0) }) else {
      throw CNIError(.invalidConfiguration, "invalid net sysctl key: \"\(text)\"", details: "field \(value.path)")
    }
    key = isDotted ? text : String(text.map(swap))
    path = parts.dropFirst().map { SysctlSetting.substitute(interface, in: $0) }.joined(separator: "/")
    self.value = try value.string()
  }

  /// Reads an object `sysctl`. Two keys that name one parameter are an error: which of them should win?
  static func list(_ object: ConfigurationObject?, interface: String) throws(CNIError) -> [SysctlSetting] {
    var settings: [SysctlSetting] = []
    for member in object?.json.members ?? [] {
      let value = ConfigurationValue(member.value, path: "sysctl[\"\(member.name)\"]")
      let setting = try SysctlSetting(key: member.name, value, interface: interface)
      if settings.contains(where: { $0.path == setting.path }) {
        throw CNIError(.invalidConfiguration, "field sysctl: \"\(member.name)\" is duplicated", details: "net/\(setting.path)")
      }
      settings.append(setting)
    }
    return settings
  }

  /// What to write: an empty value needs a line end, because the kernel takes no notice of a write of nothing.
  private var line: String { value.isEmpty ? "\n" : value }

  /// Sets the parameter in the calling thread's network namespace; answers what it was before, nil if it cannot be read.
  func apply(_ net: borrowing SysctlFolder) throws(SystemError) -> String? {
    let previous: String?
    do { previous = try net.read(path) } catch {
      // Some, like route/flush, can only be written.
      guard error.code == .accessDenied || error.code == .notPermitted else { throw error }
      previous = nil
    }
    try net.write(path, line)
    return previous
  }

  /// Throws unless the parameter has the value, blanks and tabs being the same: the kernel answers `4096<tab>87380` to "4096 87380".
  func check(_ net: borrowing SysctlFolder) throws {
    let current = try net.read(path)
    let words = { (text: String) in text.split { $0 == " " || $0 == "\t" || $0 == "\n" } }
    guard words(current) == words(value) else {
      throw CNIError(.other, "configured value of sysctl \(key) is \(value), current value is \(current)")
    }
  }

  /// Puts the interface's name where `IFNAME` stands, also within a part: `IFNAME.100` is its VLAN 100.
  private static func substitute(_ interface: String, in part: String) -> String {
    let mark = Array("IFNAME".utf8)
    var rest = Array(part.utf8)[...], text: [UInt8] = []
    while let byte = rest.first {
      let isMark = rest.starts(with: mark)
      text += isMark ? Array(interface.utf8) : [byte]
      rest = rest.dropFirst(isMark ? mark.count : 1)
    }
    return String(decoding: text, as: UTF8.self)
  }
}
