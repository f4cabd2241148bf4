internal import Glibc

/// The environment variables of a process: `NAME=value`, in their order.
public struct Environment: Equatable, Sendable {
  /// Every variable as `NAME=value`.
  public private(set) var entries: [String]

  /// An environment of the given entries.
  public init(_ entries: [String]) { self.entries = entries }

  /// The calling process's own environment.
  public static func ofThisProcess() -> Environment {
    var entries: [String] = []
    // environ is a list of C strings that ends with a null pointer, and nothing in a plugin changes it.
    var next = unsafe environ
    while let entry = unsafe next.pointee {
      unsafe entries.append(String(cString: entry))
      unsafe next += 1
    }
    return Environment(entries)
  }

  /// A variable's value, or an empty text if it is not set. The first entry wins, as in getenv(3). Assigning sets the variable.
  public subscript(name: String) -> String {
    get { position(of: name).map { String(entries[$0].dropFirst(name.utf8.count + 1)) } ?? "" }
    set {
      let entry = "\(name)=\(newValue)"
      if let position = position(of: name) { entries[position] = entry } else { entries.append(entry) }
    }
  }

  private func position(of name: String) -> Int? {
    entries.firstIndex { $0.utf8.starts(with: name.utf8) && $0.utf8.dropFirst(name.utf8.count).first == UInt8(ascii: "=") }
  }
}
