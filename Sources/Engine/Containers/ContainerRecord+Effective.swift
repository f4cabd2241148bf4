/// What the person's wishes and the image's defaults come to together.
extension ContainerRecord {
  /// Words before the command: `--entrypoint`, else the image's.
  public var entrypoint: [String] {
    guard let wish = options.entrypoint else { return imageDefaults.entrypoint }
    return wish == [""] ? [] : wish
  }

  /// The command: the words after the image, else the image's, which goes with the image's entrypoint only.
  public var command: [String] {
    if !options.command.isEmpty { return options.command }
    return options.entrypoint == nil ? imageDefaults.command : []
  }

  /// The whole command line; empty if there is nothing to run.
  public var arguments: [String] { entrypoint + command }

  /// `NAME=value`: the image's, changed by what was asked for.
  public var environment: [String] { ContainerRecord.merge(imageDefaults.environment, options.environment) }

  /// `NAME=value`: the image's, changed by what was asked for.
  public var labels: [String] { ContainerRecord.merge(imageDefaults.labels, options.labels) }

  /// Where the program starts.
  public var workingFolder: String {
    let folder = options.workingFolder ?? imageDefaults.workingFolder
    return folder.isEmpty ? "/" : folder
  }

  /// Whom the program runs as.
  public var user: String { options.user ?? imageDefaults.user }

  /// The signal of `stop`; SIGTERM where the image names none that exists.
  public var stopSignal: Signal {
    let text = options.stopSignal ?? imageDefaults.stopSignal
    return (try? text.isEmpty ? .terminate : Signal(text)) ?? .terminate
  }

  /// Whether its restart policy wants it to run again after a reboot, as docker's daemon decides when it starts.
  public var isWantedAfterBoot: Bool {
    switch options.restartPolicy.kind {
    case .never, .onFailure: false
    case .always: status.started != nil
    case .unlessStopped: status.started != nil && !status.wasStopped
    }
  }

  /// How health is asked for; nil if it is not.
  public var healthcheck: Healthcheck? {
    var check = imageDefaults.healthcheck ?? Healthcheck()
    if let wish = options.healthcheck {
      if !wish.test.isEmpty { check.test = wish.test }
      if wish.interval > 0 { check.interval = wish.interval }
      if wish.timeout > 0 { check.timeout = wish.timeout }
      if wish.startPeriod > 0 { check.startPeriod = wish.startPeriod }
      if wish.retries > 0 { check.retries = wish.retries }
    }
    return check.test.isEmpty || check.test == ["NONE"] ? nil : check
  }

  /// Puts `NAME=value` texts over others of the same names, which keep their places. A text without "=" removes the name.
  static func merge(_ base: [String], _ changes: [String]) -> [String] {
    func name(_ text: String) -> Substring { text.prefix { $0 != "=" } }
    var result = base
    for change in changes {
      let position = result.firstIndex { name($0) == name(change) }
      switch (position, change.contains("=")) {
      case (let position?, true): result[position] = change
      case (let position?, false): result.remove(at: position)
      case (nil, true): result.append(change)
      case (nil, false): break
      }
    }
    return result
  }
}
