internal import Engine
internal import JSON

/// One container as a line of `ps`.
struct ContainerSummary {
  let record: ContainerRecord

  /// docker's fields for templates; `truncates` shortens ID and command as the table does.
  func row(truncates: Bool, now: Timestamp = .now()) -> JSONObject {
    let created = Timestamp(record.created) ?? now
    var command = record.arguments.joined(separator: " ")
    if truncates, command.count > 20 { command = command.prefix(19) + "…" }
    let mounts = record.mounts.filter { $0.kind != .tmpfs }.map { $0.name.isEmpty ? $0.source : $0.name }
    return JSONObject([
      ("ID", .string(truncates ? record.shortID : record.id)),
      ("Image", .string(record.image.isEmpty ? record.rootFolder ?? "" : record.image)),
      ("Command", .string("\"\(command)\"")), ("CreatedAt", .string("\(created)")),
      ("RunningFor", .string(ContainerSummary.ago(created, now))), ("Status", .string(status(now))), ("Ports", .string(ports)),
      ("Names", .string(record.name)), ("State", .string(record.status.state.rawValue)),
      ("Labels", .string(record.labels.joined(separator: ","))), ("Mounts", .string(mounts.joined(separator: ","))),
      ("Networks", .string(networks.joined(separator: ","))),
      ("LocalVolumes", .string("\(record.mounts.filter { $0.kind == .volume }.count)")),
      ("Size", "0B"),
    ])
  }

  /// The names of its networks.
  var networks: [String] {
    if let mode = record.options.networks.first, mode == "none" || mode == "host" || mode.hasPrefix("container:") { return [mode] }
    return record.networks.map(\.network)
  }

  /// `Up 3 minutes (healthy)`, `Exited (0) 2 hours ago`…
  func status(_ now: Timestamp) -> String {
    let status = record.status
    let up = Duration(nanoseconds: now.nanoseconds - (status.started.flatMap { Timestamp($0) } ?? now).nanoseconds).inWords
    let ended = ContainerSummary.ago(status.finished.flatMap { Timestamp($0) } ?? now, now)
    switch status.state {
    case .created: return "Created"
    case .running:
      guard let health = status.health else { return "Up \(up)" }
      return "Up \(up) (\(health.status == .starting ? "health: starting" : health.status.rawValue))"
    case .paused: return "Up \(up) (Paused)"
    case .restarting: return "Restarting (\(status.exitCode)) \(ended)"
    case .removing: return "Removal In Progress"
    case .exited: return "Exited (\(status.exitCode)) \(ended)"
    case .dead: return "Dead"
    }
  }

  /// `0.0.0.0:8080->80/tcp, [::]:8080->80/tcp, 443/tcp`
  private var ports: String {
    guard [.running, .paused].contains(record.status.state) else { return "" }
    let published = record.ports.flatMap { port in port.hostTexts.map { "\($0)->\(port.containerText)" } }
    let taken = Set(record.ports.map(\.containerText))
    return (published + record.exposedPorts.filter { !taken.contains($0) }).joined(separator: ", ")
  }

  private static func ago(_ moment: Timestamp, _ now: Timestamp) -> String {
    "\(Duration(nanoseconds: max(0, now.nanoseconds - moment.nanoseconds)).inWords) ago"
  }
}

extension ContainerRecord {
  /// The ports that image and options expose, as `80/tcp`.
  var exposedPorts: [String] {
    let ports = (imageDefaults.exposedPorts + options.exposedPorts).flatMap { (try? ContainerPort.exposed($0)) ?? [] }
    return Set(ports).sorted().map(\.description)
  }
}
