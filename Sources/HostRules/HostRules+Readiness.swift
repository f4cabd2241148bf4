import Glibc
import Linux
import NFTables

extension HostRules {
  /// Throws unless this process may change rules and write records. Changes nothing.
  public mutating func requireReadiness() throws {
    _ = try ruleset.generation()
    var folder = records.path
    while unsafe access(folder, F_OK) != 0, let slash = folder.dropFirst().lastIndex(of: "/") { folder = String(folder[..<slash]) }
    guard unsafe access(folder, W_OK) == 0 else { throw SystemError(.last, "write to \(folder)") }
  }

  /// What is recorded of all attachments of a network.
  public func concerns(network: String) throws -> [(owner: Owner, concern: Concern)] {
    try records.all(network: network).map { ($0.owner, $0.concern) }
  }
}
