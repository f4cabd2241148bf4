internal import Engine
internal import Images

/// The image that `run` and `create` name.
enum ImageRoot {
  /// Looks the image up, and copies what its containers need to know.
  static func find(_ name: String, _ places: Places) throws -> ContainerCreation.Root {
    do {
      let image = try LocalImages.store(places).image(named: name)
      return .image(name: name, id: image.id, defaults: defaults(image))
    } catch let error as ImageError { throw EngineError(error.description, exitCode: 125) }
  }

  private static func defaults(_ image: Image) -> ImageDefaults {
    let configuration = image.configuration
    var defaults = ImageDefaults()
    defaults.entrypoint = configuration.entrypoint
    defaults.command = configuration.command
    defaults.environment = configuration.environment
    defaults.workingFolder = configuration.workingFolder
    defaults.user = configuration.user
    defaults.exposedPorts = configuration.exposedPorts
    defaults.volumes = configuration.volumes
    defaults.stopSignal = configuration.stopSignal
    defaults.labels = configuration.labels
    defaults.layers = image.layerFolders
    defaults.healthcheck = configuration.healthcheck.map { check in
      var result = Healthcheck()
      (result.test, result.interval, result.timeout) = (check.test, check.interval, check.timeout)
      (result.startPeriod, result.retries) = (check.startPeriod, Int(check.retries))
      return result
    }
    return defaults
  }
}
