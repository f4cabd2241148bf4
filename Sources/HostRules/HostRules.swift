import Linux
public import NFTables
import Netlink

/// The host's rules for containers: one nftables table with rules that never change, to which each attachment adds elements.
///
/// What an attachment wants is recorded in a file before the kernel is asked, so that it can be put back after somebody else has emptied the
/// ruleset. Everything carries its owner: removing looks at the owner in the kernel's element, not at what was once added.
///
/// Processes of one host take turns. A thread works on the network namespace in which it opened the rules.
public struct HostRules: ~Copyable {
  /// Where records are kept unless said otherwise.
  public static let defaultFolder = "/run/cni/swift-cni"

  /// The ruleset; its socket may be used for other netfilter requests.
  public var ruleset: Ruleset

  let records: RecordFolder

  /// Opens the rules of the calling thread's network namespace. Nothing is created.
  public init(folder: String = HostRules.defaultFolder) throws {
    let ruleset = try Ruleset()
    // Kernels before 5.14 tell only the number of the namespace's file, which they give again.
    let namespace = try ruleset.socket.networkNamespaceCookie() ?? FileIdentity(path: "/proc/thread-self/ns/net").inode
    records = RecordFolder(folder, namespace: namespace)
    self.ruleset = ruleset
  }

  /// Makes the changes of a transaction, written again by `plan` as often as somebody else's change comes in between.
  ///
  /// `plan` reads what is there; between its first look and the commit nothing may change, or it is called again: at once for a stale
  /// generation, and after what the kernel refuses because something has come or gone meanwhile.
  mutating func commit(_ plan: (inout HostRules) throws -> Transaction) throws {
    for _ in 0..<HostRules.attempts {
      let generation = try ruleset.generation()
      let transaction = try plan(&self)
      do { return try ruleset.commit(transaction, ifStill: generation) } catch {
        if error.code != .restart { throw error }
      }
    }
    throw NetlinkError(.restart, "change table \(Schema.table)", explanation: "the ruleset changed \(HostRules.attempts) times meanwhile")
  }

  /// Bounds what others' changes can cost: a change of ours takes well below a millisecond.
  static let attempts = 1000

  /// Lets the process end without waiting for the kernel to free what was deleted (10 ms): another process closes the socket in the end.
  /// Only for a process with a single thread, and shortly before its end.
  public func deferClosing() throws { try ruleset.socket.deferClosing() }
}
