internal import Addresses
internal import CNI
internal import Conntrack
internal import HostRules
internal import IPAM
internal import Linux
internal import NFTables
internal import Netlink
internal import Routing

extension GarbageSearch {
  /// Removes what was found; answers for each why it could not be, nil if it was.
  public func remove() -> [(garbage: Garbage, failure: String?)] {
    var outcomes: [(garbage: Garbage, failure: String?)] = []
    let foreign = found.compactMap { if case .foreign(let part) = $0.removal { part } else { nil } }
    let foreignFailure = foreign.isEmpty ? nil : GarbageSearch.failure { try ForeignGarbage.remove(foreign) }
    for garbage in found {
      if case .foreign = garbage.removal {
        outcomes.append((garbage, foreignFailure))
      } else {
        outcomes.append((garbage, GarbageSearch.failure { try remove(garbage) }))
      }
    }
    return outcomes
  }

  private func remove(_ garbage: Garbage) throws {
    switch garbage.removal {
    case .rules(let owner): try GarbageSearch.removeRules(owner)
    case .foreign: break
    case .connections(let address): try GarbageSearch.removeConnections(address)
    case .link(let index): try GarbageSearch.removeLink(index)
    case .lease(let folder, let address, let owner): try GarbageSearch.release(address, heldBy: owner, in: folder)
    case .name(let path): try NetworkNamespace.removeName(path)
    case .file(let path): try FileSystem.remove(path)
    case .folder(let path): try FileSystem.removeTree(path)
    case .record(let attachment): try cache.remove(attachment)
    }
  }

  private static func removeRules(_ owner: Owner) throws {
    var rules = try HostRules()
    try rules.remove(of: owner)
  }

  private static func removeConnections(_ address: IPAddress) throws {
    var table = try ConnectionTable()
    let opened = ConnectionFilter(address.family, original: ConnectionFilter.Direction(destination: address))
    try table.remove(ConnectionFilter.of(address) + [opened])
  }

  private static func removeLink(_ index: Int32) throws {
    var socket = try RouteSocket()
    do { try socket.perform(.delete(.index(index))) } catch {
      // Its other half was removed before.
      guard error.code == .noDevice else { throw error }
    }
  }

  private static func release(_ address: IPAddress, heldBy owner: LeaseOwner?, in folder: String) throws {
    guard var store = try LeaseStore(existing: folder) else { return }
    try store.release(address, heldBy: owner)
  }

  private static func failure(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch { return "\(error)" }
  }
}
