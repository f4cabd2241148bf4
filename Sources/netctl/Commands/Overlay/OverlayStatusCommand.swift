internal import Addresses
internal import ArgumentParser
internal import Glibc
internal import JSON
internal import Overlay

/// `netctl overlay status`
struct OverlayStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "This host's part of each overlay, and how its daemon does.",
    discussion: """
      CONTACT is the time since the store last answered. The exit status is 1 if a network has no lease, its daemon does not run, its
      store does not answer, or containers have addresses that belong to another host now.

      Examples:
        netctl overlay status
        netctl overlay status lab --json
      """)

  @OptionGroup var choice: OverlayChoice
  @OptionGroup var options: ViewOptions

  func run() throws {
    let reports = try choice.folders().map { try OverlayReport($0) }
    if options.json {
      Terminal.write(JSONValue.object(JSONObject([("networks", .array(reports.map { .object($0.json) }))])).indented() + "\n")
    } else {
      var table = TextTable([
        .init("NETWORK"), .init("SUBNET"), .init("ADDRESS", rank: 1), .init("DATAPATH"), .init("DEVICE", rank: 2), .init("MTU", rank: 2),
        .init("PEERS"), .init("CONTACT", rank: 1), .init("PROBLEMS"),
      ])
      for report in reports { table.add(report.row) }
      Terminal.write(table.text(options.terminal))
    }
    if reports.contains(where: { !$0.problems.isEmpty }) { throw Verdict.finding }
  }
}

/// What overlayd says of one network, and whether it is still there.
struct OverlayReport {
  let state: OverlayState
  let peers: [OverlayPeer]
  let isRunning: Bool

  init(_ folder: StateFolder) throws {
    guard let state = try folder.state() else { throw Problem("\(folder.path)/state.json has just gone") }
    self.state = state
    peers = try folder.peers()
    isRunning = state.process > 0 && (kill(state.process, 0) == 0 || errno == EPERM)
  }

  /// What is wrong, in words.
  var problems: [String] {
    var problems: [String] = []
    if !isRunning { problems.append("overlayd does not run") }
    if state.lease == nil { problems.append("no lease") } else if !state.isReady { problems.append("the data plane is not in place") }
    if let fault = state.storeFault { problems.append("store: \(Terminal.plain(fault))") }
    for lost in state.lost { problems.append("\(lost.subnet): \(Terminal.plain(lost.reason))") }
    let unreachable = peers.count { $0.fault != nil }
    if unreachable > 0 { problems.append("\(unreachable) peers cannot be reached") }
    return problems
  }

  var row: [String] {
    [
      Terminal.plain(state.network), state.lease?.key.description ?? "",
      state.lease?.publicAddresses.map(\.description).joined(separator: " ") ?? "",
      state.lease?.dataPath.rawValue ?? "",
      [state.device, state.ipv6Device].compactMap { $0.map { Terminal.plain($0) } }.joined(separator: " "), "\(state.mtu)",
      "\(peers.count)",
      state.secondsSinceContact.map { "\($0) s ago" } ?? "never", problems.joined(separator: "; "),
    ]
  }

  var json: JSONObject {
    var object = state.json
    object["running"] = .bool(isRunning)
    object["peers"] = .integer(Int64(peers.count))
    object["problems"] = .array(problems.map { .string($0) })
    return object
  }
}
