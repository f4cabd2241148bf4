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
    rules = try NetlinkSocket(.netfilter, groups: [RulesetEvent.group])
    routes = try NetlinkSocket(
      .route,
      groups: [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE].map { UInt32($0.rawValue) })
    try routes.listenToAllNamespaces()
    // A flush of thousands of elements is told in one go.
    try rules.setBufferSizes(receive: 8 << 20)
    try routes.setBufferSizes(receive: 8 << 20)
    try FileSystem.createFolders(cachePath, mode: 0o700)
    cache = try FileWatch("\(cachePath)/entries")
    signals = try Signals([SIGTERM, SIGINT, SIGHUP])
  }

  /// Waits for something to happen, so many milliseconds at the most (-1: forever), and answers what.
  mutating func next(milliseconds: Int32) throws -> (changes: Changes, sight: Stopwatch) {
    var files = [rules.descriptor, routes.descriptor, cache.descriptor, signals.descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
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
    var pending = pending, found = changes.ruleset
    let own = UInt32(getpid())
    do {
      while try rules.receiveBroadcast({ (type, _, payload) throws(NetlinkError) in
        guard let event = RulesetEvent(type: type, payload) else { return }
        if case .committed(_, let process, let name) = event {
          // What this process has changed itself is as it should be.
          if pending.isConcerned && process != own { found = (process, name, (found?.isElementary ?? true) && pending.isElementary) }
          pending = (false, true)
        } else if HostRules.isConcerned(by: event) {
          pending.isConcerned = true
          switch event {
          case .added(.element, _, _), .removed(.element, _, _): break
          default: pending.isElementary = false
          }
        }
      }) {}
    } catch let error as NetlinkError where error.code == .noBuffers {
      changes.isIncomplete = true
      pending = (false, true)
    }
    self.pending = pending
    changes.ruleset = found
  }

  private mutating func readRoutes(_ changes: inout Changes) throws {
    var names = changes.linkNames, indices = changes.linkIndices, namespaces = changes.namespaces
    do {
      while try routes.receiveBroadcast({ (type, namespace, payload) throws(NetlinkError) in
        if let namespace {
          namespaces.insert(namespace)
        } else if type == RTM_NEWLINK || type == RTM_DELLINK, let link = Link(payload: payload) {
          names.insert(link.name)
        } else if type == RTM_NEWADDR || type == RTM_DELADDR, let address = InterfaceAddress(payload: payload) {
          indices.insert(address.linkIndex)
        }
      }) {}
    } catch let error as NetlinkError where error.code == .noBuffers { changes.isIncomplete = true }
    (changes.linkNames, changes.linkIndices, changes.namespaces) = (names, indices, namespaces)
  }
}
