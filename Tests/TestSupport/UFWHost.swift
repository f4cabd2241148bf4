import Linux

/// The real ufw, enabled in the test's namespaces as Debian's package sets it up: what comes in and what is forwarded is denied.
public struct UFWHost {
  private static let package = UnpackedPackage("ufw")

  /// Whether there is a ufw, and what it needs.
  public static var isAvailable: Bool { package.has("usr/sbin/ufw", needing: ["iptables-restore", "python3"]) }

  /// Enables it.
  public init() throws {
    try UFWHost.package.show()
    let folder = UFWHost.package.folder
    // What the package's installation would copy, to the test's own /etc.
    try Command.run("rm -rf /etc/ufw")
    try Command.run("cp -r \(folder)/etc/ufw /etc/")
    try Command.run("cp \(folder)/etc/default/ufw /etc/default/")
    try Command.run("cp -r \(folder)/usr/share/ufw/iptables/. /etc/ufw/")
    for name in ["before.init", "after.init", "ufw.conf"] { try Command.run("cp \(folder)/usr/share/ufw/\(name) /etc/ufw/") }
    try run("--force enable")
  }

  /// Runs ufw with words split at blanks, as a person would.
  @discardableResult
  public func run(_ words: String) throws -> String { try Command.run("ufw \(words)").text }
}
