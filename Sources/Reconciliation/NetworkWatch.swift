public import CNI
internal import HostRules
internal import Linux
internal import Routing

/// Keeps attachments as they are to be: hears of changes by others, and puts back what they have taken away.
public struct NetworkWatch: ~Copyable {
  /// What the watch tells.
  public enum Report {
    /// It listens, and has compared everything once.
    case ready(attachments: Int)
    /// Something was put back; how many nanoseconds after the event was seen.
    case repaired([Difference], by: String?, gap: Int64)
    /// Nothing here can put it right.
    case irreparable(Difference, reason: String)
    /// Somebody keeps removing the same: the next repair waits so many seconds.
    case waits(what: String, by: String?, seconds: Int)
    /// Events were lost, so everything is compared.
    case resynchronizes
    /// Something went wrong, and the watch goes on.
    case problem(String)
  }

  private var events: ChangeEvents
  private let cache: ResultCache
  private let clock = Stopwatch()
  private var entries: [CachedAttachment] = []
  private var byLink: [String: Set<Attachment>] = [:]
  private var byNamespace: [Int32: Set<Attachment>] = [:]
  /// Attachments to compare again, and when.
  private var due: [Attachment: Int64] = [:]
  private var rulesDue: Int64?
  private var culprit: String?
  private var rulesPace = RepairPace()
  private var paces: [Attachment: RepairPace] = [:]
  /// Irreparable differences that have been seen once, and those that have been told.
  private var suspected: Set<String> = []
  private var told: Set<String> = []

  /// Begins to listen in the network namespace of the calling thread. Nothing is changed yet.
  public init(cache: ResultCache = ResultCache()) throws {
    self.cache = cache
    events = try ChangeEvents(cachePath: cache.path)
  }

  /// Puts right what is wrong now, and then whatever becomes wrong, until the process gets SIGTERM, SIGINT or SIGHUP.
  public mutating func run(_ report: (Report) -> Void) throws {
    reload(report)
    compareAll(Stopwatch(), report)
    report(.ready(attachments: entries.count))
    while true {
      let (changes, sight) = try events.next(milliseconds: timeout)
      if changes.isEnd { return }
      if changes.isIncomplete {
        report(.resynchronizes)
        reload(report)
        compareAll(sight, report)
        continue
      }
      take(changes, sight, report)
      work(sight, report)
    }
  }

  /// Until the next thing is due, in milliseconds; -1 if nothing is.
  private var timeout: Int32 {
    var moments = Array(due.values)
    if let rulesDue { moments.append(rulesDue) }
    guard let next = moments.min() else { return -1 }
    return Int32(clamping: max(0, (next - clock.nanoseconds + 999_999) / 1_000_000))
  }

  private mutating func take(_ changes: ChangeEvents.Changes, _ sight: Stopwatch, _ report: (Report) -> Void) {
    let now = clock.nanoseconds
    if changes.cacheChanged { reload(report) }
    if let ruleset = changes.ruleset {
      culprit = "\(ruleset.name) (process \(ruleset.process))"
      // Plugins and runtimes add and remove elements all the time, and know what they do.
      let isOurs = ruleset.isElementary && NetworkWatch.programs.contains(ruleset.name)
      if !isOurs { rulesDue = max(rulesDue ?? 0, rulesPace.earliest, now) }
    }
    var affected: Set<Attachment> = []
    for name in changes.linkNames { affected.formUnion(byLink[name] ?? []) }
    for namespace in changes.namespaces { affected.formUnion(byNamespace[namespace] ?? []) }
    do {
      for name in try NetworkWatch.names(of: changes.linkIndices) { affected.formUnion(byLink[name] ?? []) }
    } catch { report(.problem("\(error)")) }
    for attachment in affected { due[attachment] = max(paces[attachment]?.earliest ?? 0, now) }
  }

  private static func names(of indices: Set<Int32>) throws -> [String] {
    if indices.isEmpty { return [] }
    var socket = try RouteSocket(), names: [String] = []
    for index in indices { if let link = try socket.link(index: index) { names.append(link.name) } }
    return names
  }

  private static let programs: Set<String> = ["bridge", "firewall", "portmap", "tuning", "cni-plugins", "berth", "netctl"]

  /// Does what is due now.
  private mutating func work(_ sight: Stopwatch, _ report: (Report) -> Void) {
    let now = clock.nanoseconds
    if let moment = rulesDue, moment <= now {
      rulesDue = nil
      repairRules(sight, report)
    }
    let ready = Set(due.filter { $0.value <= now }.keys)
    if ready.isEmpty { return }
    for attachment in ready { due[attachment] = nil }
    compare(entries.filter { ready.contains($0.attachment) }, sight, report)
  }

  /// The table alone: restored from the records first, and looked at afterwards.
  private mutating func repairRules(_ sight: Stopwatch, _ report: (Report) -> Void) {
    do {
      var rules = try HostRules()
      let wanted = try rules.allConcerns()
      if wanted.isEmpty { return }
      // When all is gone nothing needs to be compared first.
      let isGone = try !rules.hasTable()
      var before = isGone ? [] : try rules.audit(wanted)
      if before.isEmpty && !isGone { return }
      let count = try rules.restore()
      var gap = sight.nanoseconds
      if isGone { before = [RuleDifference(missingTableWith: count)] }
      let left = try rules.audit(wanted)
      if !left.isEmpty {
        let owners = Set(left.compactMap(\.owner))
        try rules.removeStrays(of: owners)
        for owner in owners { try rules.renew(owner) }
        gap = sight.nanoseconds
      }
      let differences = before.map { one in
        Difference(
          one.owner.map { Attachment(network: $0.network, containerID: $0.containerID, interfaceName: $0.interfaceName) }, one.what,
          intended: one.intended, actual: one.actual, .rules)
      }
      report(.repaired(differences, by: culprit, gap: gap))
      if let seconds = rulesPace.note(clock.nanoseconds) { report(.waits(what: "the rules", by: culprit, seconds: seconds)) }
    } catch { report(.problem("the rules: \(error)")) }
  }

  private mutating func compareAll(_ sight: Stopwatch, _ report: (Report) -> Void) {
    due = [:]
    compare(entries, sight, report)
  }

  private mutating func compare(_ entries: [CachedAttachment], _ sight: Stopwatch, _ report: (Report) -> Void) {
    // What is gone altogether is not ours to keep.
    let entries = entries.filter { NetworkNamespace.exists($0.request.networkNamespacePath) }
    do {
      let audit = try NetworkAudit(of: entries, trustsRecordsAlone: true)
      for problem in audit.problems where told.insert(problem).inserted { report(.problem(problem)) }
      if audit.differences.isEmpty { return }
      let outcomes = audit.repair(), gap = sight.nanoseconds
      let repaired = outcomes.filter { $0.failure == nil }.map(\.difference)
      if !repaired.isEmpty { report(.repaired(repaired, by: nil, gap: gap)) }
      let now = clock.nanoseconds
      for attachment in Set(repaired.compactMap(\.attachment)) {
        if let seconds = paces[attachment, default: RepairPace()].note(now) {
          report(.waits(what: "\(attachment)", by: nil, seconds: seconds))
        }
      }
      for outcome in outcomes {
        guard let reason = outcome.failure else { continue }
        // A container that is being taken down looks broken for a moment: what still is after two seconds is told.
        let key = "\(outcome.difference.attachment.map { "\($0)" } ?? ""): \(outcome.difference)"
        if suspected.insert(key).inserted {
          if let attachment = outcome.difference.attachment { due[attachment] = now + 2_000_000_000 }
        } else if told.insert(key).inserted {
          report(.irreparable(outcome.difference, reason: reason))
        }
      }
    } catch { report(.problem("\(error)")) }
  }

  /// Reads the result cache anew, and learns by which links and namespaces its attachments are known.
  private mutating func reload(_ report: (Report) -> Void) {
    do {
      let known = Set(entries.map(\.attachment))
      entries = try cache.entries().filter { $0.result != nil }
      let present = Set(entries.map(\.attachment))
      for attachment in known.subtracting(present) {
        due[attachment] = nil
        paces[attachment] = nil
        suspected = suspected.filter { !$0.hasPrefix("\(attachment): ") }
        told = told.filter { !$0.hasPrefix("\(attachment): ") }
      }
      for (name, attachments) in byLink { byLink[name] = attachments.intersection(present) }
      for (number, attachments) in byNamespace { byNamespace[number] = attachments.intersection(present) }
      var socket = try RouteSocket()
      for entry in entries where !known.contains(entry.attachment) {
        for name in entry.hostInterfaceNames { byLink[name, default: []].insert(entry.attachment) }
        let path = entry.request.networkNamespacePath
        guard NetworkNamespace.exists(path) else { continue }
        let namespace = try NetworkNamespace(path: path)
        if let number = try socket.identifier(of: namespace) { byNamespace[number, default: []].insert(entry.attachment) }
      }
    } catch { report(.problem("\(cache.path): \(error)")) }
  }
}
