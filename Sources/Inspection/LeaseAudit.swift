public import Addresses
internal import CNI
public import IPAM
internal import Linux
internal import Routing

/// Looks at the folders in which host-local keeps its leases, ours or the reference's, for addresses that nobody uses any more.
public struct LeaseAudit: Sendable {
  /// A lease whose container is gone.
  public struct Leak: Sendable {
    /// The network's name: that of the folder.
    public let network: String
    /// The folder.
    public let folder: String
    /// The address.
    public let address: IPAddress
    /// Whose it was; nil if the file names nobody.
    public let owner: LeaseOwner?
    /// How we know, a clause.
    public let reason: String
  }

  /// Where host-local keeps leases unless a configuration says otherwise.
  public static let defaultFolder = "/var/lib/cni/networks"

  /// How the owner begins that `netctl ipam reserve` writes down: no container, but somebody's wish.
  public static let reservationPrefix = "reserved:"

  /// The leases that nobody uses.
  public private(set) var leaks: [Leak] = []
  /// What could not be read, a sentence each.
  public private(set) var problems: [String] = []

  private let addresses: Set<IPAddress>
  private let containers: Set<String>
  private let lost: [String: String]
  private let hidden: Bool

  /// Prepares to compare leases with a host; `folders` of networks are looked at.
  public init(_ host: HostView, networks folders: [String]) {
    let others = host.members.filter { $0 > 0 }.map { host.namespaces[$0] }
    addresses = Set(others.flatMap { $0.addresses.map(\.address.address) })
    var containers = Set(others.compactMap(\.owner.id)), lost: [String: String] = [:]
    for entry in host.attachments {
      let path = entry.request.networkNamespacePath, container = entry.request.containerID
      if !path.isEmpty, (try? FileIdentity(path: path)) != nil { containers.insert(container) } else { lost[container] = path }
    }
    self.containers = containers
    self.lost = lost
    // Whoever cannot see a namespace cannot say that nobody is in it.
    hidden = host.isBlind
    for folder in folders { look(folder) }
  }

  /// The folders below the default one, each a network's.
  public static func defaultNetworks() -> [String] {
    ((try? FileSystem.names(in: defaultFolder)) ?? []).sorted().map { "\(defaultFolder)/\($0)" }
  }

  /// Why a lease counts as one that nobody uses; nil if it is used, or it cannot be told.
  public func reason(_ address: IPAddress, _ owner: LeaseOwner?) -> String? {
    guard !addresses.contains(address), !hidden else { return nil }
    guard let owner else { return "the file names nobody" }
    if containers.contains(owner.containerID) || owner.containerID.hasPrefix(LeaseAudit.reservationPrefix) { return nil }
    if let path = lost[owner.containerID] {
      return path.isEmpty ? "its container is on record without a namespace" : "its namespace \(path) is gone"
    }
    return "no runtime has its container on record, and no namespace has the address"
  }

  private mutating func look(_ folder: String) {
    do {
      for (address, owner) in try LeaseStore.leases(in: folder) {
        guard let reason = reason(address, owner) else { continue }
        let network = String(folder.split(separator: "/").last ?? "")
        leaks.append(Leak(network: network, folder: folder, address: address, owner: owner, reason: reason))
      }
    } catch {
      // A file that lies among the folders is no network's.
      if error.code != .notDirectory { problems.append("\(error)") }
    }
  }
}
