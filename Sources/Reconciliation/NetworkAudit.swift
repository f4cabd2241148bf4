internal import Addresses
internal import BridgePlugin
public import CNI
internal import HostRules
internal import InterfaceSetup
internal import Linux
internal import Routing

/// A comparison of what attachments are to have with what is there: each namespace is read once, and the host's table once for all.
public struct NetworkAudit {
  /// What differs, in the order of the attachments; what concerns all comes first.
  public private(set) var differences: [Difference] = []
  /// How many attachments were compared.
  public let count: Int
  /// What could not be compared, a sentence each.
  public private(set) var problems: [String] = []
  /// What the host's rules are to do, for `repair`.
  private var wantedRules: [Owner: [Concern]] = [:]
  private var paths: [Attachment: String] = [:]
  private var attachments: [String: Attachment] = [:]

  /// Compares attachments of the host that the calling thread's network namespace belongs to. Those whose ADD has not ended are left out.
  ///
  /// What an attachment wants of the host's rules is what is recorded of it. Where a record is missing, the configuration says it, unless
  /// `trustsRecordsAlone`: during a DEL the records go first.
  public init(of entries: [CachedAttachment], trustsRecordsAlone: Bool = false) throws {
    let (intents, problems) = NetworkAudit.intents(of: entries)
    count = intents.count
    self.problems = problems
    if intents.isEmpty { return }
    var rules = try HostRules()
    let records = try rules.allConcerns(), host = try NetworkAudit.host(intents), states = NetworkAudit.states(intents)
    var found: [[Difference]] = []
    for intent in intents {
      paths[intent.attachment] = intent.path
      found.append(try states[intent.path].map { try compare(intent, $0, host, records, trustsRecordsAlone: trustsRecordsAlone) } ?? [])
    }
    let positions = Dictionary(intents.enumerated().map { (Owner($1.attachment).label, $0) }, uniquingKeysWith: { $1 })
    for one in try rules.audit(wantedRules) {
      let attachment = one.owner.flatMap { attachments[$0.label] }
      let difference = Difference(attachment, one.what, intended: one.intended, actual: one.actual, .rules)
      if let position = one.owner.flatMap({ positions[$0.label] }) {
        found[position].append(difference)
      } else {
        differences.append(difference)
      }
    }
    // Attachments of one bridge share its faults, which are told once.
    var seen: Set<String> = []
    differences += found.joined().filter { !$0.isShared || seen.insert($0.description).inserted }
  }

  /// What attachments are to have, by their configurations and results.
  private static func intents(of entries: [CachedAttachment]) -> (intents: [AttachmentIntent], problems: [String]) {
    var lists: [[UInt8]: NetworkList] = [:], intents: [AttachmentIntent] = [], problems: [String] = []
    for entry in entries where entry.result != nil {
      do {
        let list = try lists[entry.configuration] ?? entry.list()
        lists[entry.configuration] = list
        intents.append(try AttachmentIntent(entry, list))
      } catch { problems.append("\(entry.attachment): \(error)") }
    }
    return (intents, problems)
  }

  /// Compares one attachment's interface and port, and notes what it wants of the host's rules.
  private mutating func compare(
    _ intent: AttachmentIntent, _ state: ContainerState, _ host: HostState, _ records: [Owner: [Concern]], trustsRecordsAlone: Bool
  ) throws -> [Difference] {
    if let problem = state.problem {
      return [
        Difference(
          intent.attachment, "network namespace", intended: intent.path, actual: "not readable (\(problem))",
          .none("netctl gc removes what a container that is gone has left"))
      ]
    }
    let inside = InterfaceComparison(intent, state), outside = try PortComparison(intent, inside.link, host)
    var differences = inside.differences + outside.differences
    if outside.isOurs(records) {
      let owner = Owner(intent.attachment), recorded = records[owner] ?? []
      // What is on record wins: ports may have been published since.
      let unrecorded = intent.concerns.filter { concern in !recorded.contains { $0.kind == concern.kind } }
      let wanted = recorded + (trustsRecordsAlone ? [] : unrecorded)
      wantedRules[owner] = wanted
      attachments[owner.label] = intent.attachment
      if let port = localEntrance(wanted, intent, host) { differences.append(port) }
    }
    return differences
  }

  /// The host's side, with what any of the intents asks for.
  private static func host(_ intents: [AttachmentIntent]) throws -> HostState {
    let bridges = intents.compactMap(\.bridge)
    var parameters: Set<String> = []
    for bridge in bridges where !bridge.gateways.isEmpty {
      parameters.formUnion(["ipv4/ip_forward", "ipv6/conf/all/forwarding", "ipv4/conf/\(bridge.bridge)/route_localnet"])
    }
    return try HostState(withVLANs: bridges.contains { $0.vlans != nil }, parameters: parameters)
  }

  private static func states(_ intents: [AttachmentIntent]) -> [String: ContainerState] {
    var states: [String: ContainerState] = [:]
    for (path, intents) in Dictionary(grouping: intents, by: \.path) {
      states[path] = ContainerState(
        path: path, parameters: Set(intents.flatMap { $0.wantedParameters.map(\.path) }),
        families: Set(intents.flatMap { $0.addresses.map(\.address.family) + $0.result.routes.map(\.destination.family) }))
    }
    return states
  }

  /// The setting of the bridge without which 127.0.0.1 does not lead to published ports.
  private func localEntrance(_ concerns: [Concern], _ intent: AttachmentIntent, _ host: HostState) -> Difference? {
    for case .publication(let publication) in concerns where publication.needsLocalEntrance {
      guard let bridge = intent.bridge, bridge.gateways.contains(where: { $0.family == .v4 }) else { continue }
      let path = "ipv4/conf/\(bridge.bridge)/route_localnet"
      guard let found = host.parameter(path), found != "1" else { continue }
      return Difference(
        intent.attachment, "sysctl net.ipv4.conf.\(bridge.bridge).route_localnet", intended: "1", actual: found, isShared: true,
        .parameter(path: path, value: "1", isInside: false))
    }
    return nil
  }

  /// The namespace of an attachment that was compared.
  func path(of attachment: Attachment) -> String? { paths[attachment] }

  /// What the host's rules are to do for an attachment.
  func concerns(of attachment: Attachment) -> [Concern] { wantedRules[Owner(attachment)] ?? [] }
}
