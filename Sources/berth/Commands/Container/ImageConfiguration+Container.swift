internal import Engine
internal import Images

extension ImageConfiguration {
  /// What a container runs as: its image's word and what it was given when it was made.
  init(of record: ContainerRecord) {
    self.init()
    let defaults = record.imageDefaults, options = record.options
    entrypoint = record.entrypoint
    command = record.command
    environment = record.environment
    workingFolder = options.workingFolder ?? defaults.workingFolder
    user = record.user
    exposedPorts = record.exposedPorts
    volumes = Set(defaults.volumes + record.mounts.filter(\.isAnonymous).map(\.destination)).sorted()
    stopSignal = options.stopSignal ?? defaults.stopSignal
    labels = record.labels.sorted()
    healthcheck = (options.healthcheck?.test == ["NONE"] ? options.healthcheck : record.healthcheck).map { check in
      var result = ImageHealthcheck()
      (result.test, result.interval, result.timeout) = (check.test, check.interval, check.timeout)
      (result.startPeriod, result.retries) = (check.startPeriod, Int64(check.retries))
      return result
    }
  }
}
