internal import Addresses
internal import CNI
internal import HostRules
internal import InterfaceSetup
internal import IPAM
internal import Linux
internal import Netlink
internal import Routing

extension NetworkAudit {
  /// What `repair` did or could not do about one difference.
  public struct Outcome {
    /// What was wrong.
    public let difference: Difference
    /// Why it still is; nil if it was put right.
    public let failure: String?
  }

  /// Puts right what can be: links before addresses, those before routes, and the host's table in one transaction.
  public func repair() -> [Outcome] {
    var outcomes: [Outcome] = []
    let hasRules = differences.contains { if case .rules = $0.remedy { true } else { false } }
    var failure: String?
    if hasRules { do { try repairRules() } catch { failure = "\(error)" } }
    for difference in differences {
      if case .rules = difference.remedy { outcomes.append(Outcome(difference: difference, failure: failure)) }
      if case .none(let reason) = difference.remedy { outcomes.append(Outcome(difference: difference, failure: reason)) }
    }
    outcomes += repairHost()
    let inside = differences.filter { $0.isInside }
    for (path, differences) in Dictionary(grouping: inside, by: { $0.attachment.flatMap { path(of: $0) } ?? "" }).sorted(by: {
      $0.key < $1.key
    }) {
      outcomes += repairContainer(path, differences)
    }
    return outcomes
  }

  /// The whole table first, from the records; then attachments whose elements are missing from those or changed.
  private func repairRules() throws {
    var rules = try HostRules()
    try rules.restore()
    var wanted: [Owner: [Concern]] = [:]
    for difference in differences {
      if case .rules = difference.remedy, let attachment = difference.attachment { wanted[Owner(attachment)] = concerns(of: attachment) }
    }
    try rules.removeStrays(of: Set(wanted.keys))
    var failure: (any Error)?
    for owner in Set(try rules.audit(wanted).compactMap(\.owner)) {
      do {
        if try rules.hasRecords(of: owner, for: wanted[owner] ?? []) {
          try rules.renew(owner)
        } else {
          try rules.add(wanted[owner] ?? [], for: owner)
        }
      } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  private func repairHost() -> [Outcome] {
    var outcomes: [Outcome] = []
    let links = differences.inOrder { if case .host = $0 { true } else { false } }
    do {
      var routes = try RouteSocket()
      for difference in links {
        guard case .host(_, let message) = difference.remedy else { continue }
        outcomes.append(Outcome(difference: difference, failure: NetworkAudit.perform(message, &routes)))
      }
    } catch { outcomes = links.map { Outcome(difference: $0, failure: "\(error)") } }
    for difference in differences {
      switch difference.remedy {
      case .parameter(let path, let value, false):
        outcomes.append(Outcome(difference: difference, failure: NetworkAudit.failure { try SysctlFolder().write(path, value) }))
      case .lease(let folder, let address, let content):
        outcomes.append(
          Outcome(difference: difference, failure: NetworkAudit.failure { try reserve(address, folder, content, difference) }))
      default: break
      }
    }
    return outcomes
  }

  private func repairContainer(_ path: String, _ differences: [Difference]) -> [Outcome] {
    var outcomes: [Outcome] = []
    do {
      let namespace = try NetworkNamespace(path: path)
      try namespace.inside {
        var routes = try RouteSocket()
        for difference in differences {
          guard case .parameter(let path, let value, true) = difference.remedy else { continue }
          outcomes.append(Outcome(difference: difference, failure: NetworkAudit.failure { try SysctlFolder().write(path, value) }))
        }
        for difference in differences.inOrder(where: { if case .inside = $0 { true } else { false } }) {
          guard case .inside(_, let message) = difference.remedy else { continue }
          outcomes.append(Outcome(difference: difference, failure: NetworkAudit.perform(message, &routes)))
        }
      }
    } catch { outcomes = differences.map { Outcome(difference: $0, failure: "\(error)") } }
    return outcomes
  }

  /// The folder is locked while the file is made, so that nobody hands the address out meanwhile. A DEL removes the link before it releases the
  /// address: one whose interface is gone by now must not come back.
  private func reserve(_ address: String, _ folder: String, _ content: [UInt8], _ difference: Difference) throws {
    let store = try LeaseStore(creating: folder)
    let path = difference.attachment.flatMap { self.path(of: $0) } ?? "", name = difference.attachment?.interfaceName ?? ""
    let namespace = try NetworkNamespace(path: path)
    let isThere = try namespace.inside {
      var routes = try RouteSocket()
      return try routes.link(named: name) != nil
    }
    guard isThere else { throw SystemError(.noDevice, "reserve \(address) for an interface that is gone") }
    try FileSystem.create("\(folder)/\(address)", content: content, mode: 0o600)
    _ = consume store
  }

  private static func perform(_ message: NetlinkMessage, _ socket: inout RouteSocket) -> String? {
    do {
      try socket.perform(message)
      return nil
    } catch {
      // The kernel, or another difference's remedy, has made it meanwhile.
      return error.code == .exists ? nil : "\(error)"
    }
  }

  private static func failure(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch { return "\(error)" }
  }
}

extension Difference {
  fileprivate var isInside: Bool {
    switch remedy {
    case .inside, .parameter(_, _, true): true
    default: false
    }
  }

  fileprivate var step: Int {
    switch remedy {
    case .inside(let step, _), .host(let step, _): step.rawValue
    default: 0
    }
  }
}

extension [Difference] {
  fileprivate func inOrder(where isMeant: (Remedy) -> Bool) -> [Difference] {
    enumerated().filter { isMeant($0.element.remedy) }.sorted { ($0.element.step, $0.offset) < ($1.element.step, $1.offset) }.map {
      $0.element
    }
  }
}
