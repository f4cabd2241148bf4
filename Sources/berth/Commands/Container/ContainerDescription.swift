internal import Engine
internal import JSON

/// A container as docker's `inspect` describes it: the fields that people's scripts and templates use.
struct ContainerDescription {
  let record: ContainerRecord
  let places: Places

  /// The whole description.
  var json: JSONObject {
    let arguments = record.arguments
    return JSONObject([
      ("Id", .string(record.id)), ("Created", .string(record.created)), ("Path", .string(arguments.first ?? "")),
      ("Args", ContainerDescription.list(Array(arguments.dropFirst()))), ("State", .object(state)), ("Image", .string(record.imageID)),
      ("ResolvConfPath", .string("\(places.container(record.id))/resolv.conf")),
      ("HostnamePath", .string("\(places.container(record.id))/hostname")),
      ("HostsPath", .string("\(places.container(record.id))/hosts")), ("LogPath", .string(places.log(record.id))),
      ("Name", .string("/\(record.name)")),
      ("RestartCount", .integer(Int64(record.status.restartCount))), ("Driver", .string(record.rootFolder == nil ? "overlay2" : "rootfs")),
      ("Platform", "linux"), ("HostConfig", .object(hostConfiguration)), ("GraphDriver", .object(graphDriver)), ("Mounts", mounts),
      ("Config", .object(configuration)), ("NetworkSettings", .object(networkSettings)),
    ])
  }

  private var state: JSONObject {
    let status = record.status, isRunning = [.running, .paused, .restarting].contains(status.state)
    var state = JSONObject([
      ("Status", .string(status.state.rawValue)), ("Running", .bool(isRunning)), ("Paused", .bool(status.state == .paused)),
      ("Restarting", .bool(status.state == .restarting)), ("OOMKilled", .bool(status.wasKilledForMemory)),
      ("Dead", .bool(status.state == .dead)),
      ("Pid", .integer(Int64(status.process.processID))), ("ExitCode", .integer(Int64(status.exitCode))), ("Error", .string(status.error)),
      ("StartedAt", .string(status.started ?? Timestamp.never)), ("FinishedAt", .string(status.finished ?? Timestamp.never)),
    ])
    if let health = status.health {
      state["Health"] = .object(
        JSONObject([
          ("Status", .string(health.status.rawValue)), ("FailingStreak", .integer(Int64(health.failures))),
          (
            "Log",
            .array(
              health.checks.map {
                .object(
                  JSONObject([
                    ("Start", .string($0.start)), ("End", .string($0.end)), ("ExitCode", .integer(Int64($0.exitCode))),
                    ("Output", .string($0.output)),
                  ]))
              })
          ),
        ]))
    }
    return state
  }

  private var graphDriver: JSONObject {
    guard record.rootFolder == nil else {
      return JSONObject([("Name", "rootfs"), ("Data", .object(JSONObject([("RootDir", .string(record.rootFolder ?? ""))])))])
    }
    return JSONObject([
      ("Name", "overlay2"),
      (
        "Data",
        .object(
          JSONObject([
            ("LowerDir", .string(record.imageDefaults.layers.joined(separator: ":"))), ("MergedDir", .string(places.mountPoint(record.id))),
            ("UpperDir", .string(places.upper(record.id))), ("WorkDir", .string(places.work(record.id))),
          ]))
      ),
    ])
  }

  private var mounts: JSONValue {
    .array(
      record.mounts.map {
        .object(
          JSONObject([
            ("Type", .string($0.kind.rawValue)), ("Name", .string($0.name)), ("Source", .string($0.source)),
            ("Destination", .string($0.destination)),
            ("Driver", .string($0.kind == .volume ? "local" : "")), ("Mode", .string($0.isReadOnly ? "ro" : "")),
            ("RW", .bool(!$0.isReadOnly)),
            ("Propagation", .string($0.kind == .bind ? "rprivate" : "")),
          ]))
      })
  }

  private var configuration: JSONObject {
    let options = record.options
    var object = JSONObject([
      ("Hostname", .string(options.hostName ?? record.shortID)), ("Domainname", .string(options.domainName ?? "")),
      ("User", .string(record.user)),
      ("AttachStdin", .bool(options.isAttached && options.isInteractive)), ("AttachStdout", .bool(options.isAttached)),
      ("AttachStderr", .bool(options.isAttached)), ("ExposedPorts", ContainerDescription.set(record.exposedPorts)),
      ("Tty", .bool(options.usesTerminal)),
      ("OpenStdin", .bool(options.isInteractive)), ("StdinOnce", .bool(options.isAttached && options.isInteractive)),
      ("Env", ContainerDescription.list(record.environment)), ("Cmd", ContainerDescription.list(record.command)),
      ("Image", .string(record.image)), ("Volumes", ContainerDescription.set(record.imageDefaults.volumes)),
      ("WorkingDir", .string(record.workingFolder == "/" && options.workingFolder == nil ? "" : record.workingFolder)),
      ("Entrypoint", record.entrypoint.isEmpty ? .null : ContainerDescription.list(record.entrypoint)),
      ("Labels", ContainerDescription.map(record.labels)), ("StopSignal", .string(record.stopSignal.name)),
    ])
    if let timeout = options.stopTimeout { object["StopTimeout"] = .integer(Int64(timeout)) }
    if let check = record.healthcheck {
      object["Healthcheck"] = .object(
        JSONObject([
          ("Test", ContainerDescription.list(check.test)), ("Interval", .integer(check.interval)), ("Timeout", .integer(check.timeout)),
          ("StartPeriod", .integer(check.startPeriod)), ("Retries", .integer(Int64(check.retries))),
        ]))
    }
    return object
  }

  static func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }

  static func set(_ texts: [String]) -> JSONValue { .object(JSONObject(texts.map { ($0, .object(JSONObject())) })) }

  static func map(_ texts: [String]) -> JSONValue {
    .object(
      JSONObject(
        texts.map { text in
          let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
          return (String(parts[0]), .string(parts.count == 2 ? String(parts[1]) : ""))
        }))
  }
}
