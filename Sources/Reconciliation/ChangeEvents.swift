internal import CLinux
internal import CNI
internal import Glibc
internal import HostRules
internal import Linux
internal import NFTables
internal import Netlink
internal import Routing

/// What others change in the ruleset, in links, addresses and routes of all namespaces, and in the runtimes' result cache: told by the kernel.
struct ChangeEvents: ~Copyable {
  /// What was told since the last time.
  struct Changes {
    /// Who changed what containers have in the ruleset; nil if nobody.
    var ruleset: (process: UInt32, name: String, isElementary: Bool)?
    /// Links of the host that changed, by name and by number.
    var linkNames: Set<String> = []
    var linkIndices: Set<Int32> = []
    /// Namespaces in which something changed, by the host's numbers for them.
    var namespaces: Set<Int32> = []
    /// Whether an attachment has come or gone.
    var cacheChanged = false
    /// Whether something was lost: everything may have changed.
    var isIncomplete = false
    /// Whether the process is to end.
    var isEnd = false

    var isEmpty: Bool {
      ruleset == nil && linkNames.isEmpty && linkIndices.isEmpty && namespaces.isEmpty && !cacheChanged && !isIncomplete && !isEnd
    }
  }

  private var rules: NetlinkSocket
  private var routes: NetlinkSocket
  private let cache: FileWatch
  private let signals: Signals
  /// The kernel tells a transaction's changes before it says whose they are.
  private var pending: (isConcerned: Bool, isElementary: Bool) = (false, true)

  init(cachePath: String) throws {
    try FileSystem.createFolders(cachePath, mode: 0o700)
    let signals = try Signals([SIGTERM, SIGINT, SIGHUP])
    let cache = try FileWatch("\(cachePath)/entries")
    let rules = try NetlinkSocket(.netfilter, groups: [RulesetEvent.group])
    let routes = try NetlinkSocket(
      .route,
      groups: [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE].map { UInt32($0.rawValue) })
    try routes.listenToAllNamespaces()
    // A flush of thousands of elements is told in one go.
    try rules.setBufferSizes(receive: 8 << 20)
    try routes.setBufferSizes(receive: 8 << 20)
    self.signals = signals
    self.cache = cache
    self.rules = rules
    self.routes = routes
  }

  /// Waits for something to happen, so many milliseconds at the most (-1: forever), and answers what.
  mutating func next(milliseconds: Int32) throws -> (changes: Changes, sight: Stopwatch) {
    var files = [rules.descriptor, routes.descriptor, cache.descriptor, signals.descriptor].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    let ready = poll(&files, nfds_t(files.count), milliseconds)
    let sight = Stopwatch()
    var changes = Changes()
    if ready <= 0 { return (changes, sight) }
    if files[0].revents != 0 { try readRules(&changes) }
    if files[1].revents != 0 { try readRoutes(&changes) }
    if files[2].revents != 0 {
      cache.acknowledge()
      changes.cacheChanged = true
    }
    while signals.next() != nil { changes.isEnd = true }
    return (changes, sight)
  }

  private mutating func readRules(_ changes: inout Changes) throws {
    let told: [RulesetEvent]
    do { told = try rules.receiveBroadcasts { (type, _, _, payload) in RulesetEvent(type: type, payload) } } catch {
      guard error.code == .noBuffers else { throw error }
      changes.isIncomplete = true
      pending = (false, true)
      return
    }
    let own = UInt32(getpid())
    for event in told {
      if case .committed(_, let process, let name) = event {
        // What this process has changed itself is as it should be.
        let transaction = pending
        if transaction.isConcerned, process != own {
          if changes.ruleset?.isElementary != false { changes.ruleset = (process, name, transaction.isElementary) }
        }
        pending = (false, true)
      } else if HostRules.isConcerned(by: event) {
        pending.isConcerned = true
        switch event {
        case .added(.element, _, _), .removed(.element, _, _): break
        default: pending.isElementary = false
        }
      }
    }
  }

  /// What a message of the routing family is about.
  private enum RouteEvent {
    case foreign(Int32)
    case link(String)
    case address(Int32)
  }

  private mutating func readRoutes(_ changes: inout Changes) throws {
    let told: [RouteEvent]
    do {
      told = try routes.receiveBroadcasts { (type, _, namespace, payload) in
        if let namespace { return .foreign(namespace) }
        if type == RTM_NEWLINK || type == RTM_DELLINK { return Link(payload: payload).map { .link($0.name) } }
        if type == RTM_NEWADDR || type == RTM_DELADDR { return InterfaceAddress(payload: payload).map { .address($0.linkIndex) } }
        return nil
      }
    } catch {
      guard error.code == .noBuffers else { throw error }
      changes.isIncomplete = true
      return
    }
    for event in told {
      switch event {
      case .foreign(let number): changes.namespaces.insert(number)
      case .link(let name): changes.linkNames.insert(name)
      case .address(let index): changes.linkIndices.insert(index)
      }
    }
  }
}
