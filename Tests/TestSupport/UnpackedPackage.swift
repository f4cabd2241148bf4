import Glibc
import Linux

/// A program of Debian's that Tests/firewalls/unpack has unpacked beside the build instead of installing it.
struct UnpackedPackage {
  /// Its files, as they would be below the root.
  let folder: String

  init(_ name: String) {
    let parts = PluginRunner.productFolder.split(separator: "/").prefix { $0 != ".build" }
    folder = parts.reduce("") { "\($0)/\($1)" } + "/.build/\(name)"
  }

  /// Whether it has this program, and everything else that must be installed is.
  func has(_ program: String, needing others: [String]) -> Bool {
    access("\(folder)/\(program)", X_OK) == 0 && others.allSatisfy { Command.find($0) != nil }
  }

  /// Shows its programs in the test's /usr.
  func show() throws { try Command.run("mount -t overlay overlay -o lowerdir=\(folder)/usr:/usr /usr") }
}
