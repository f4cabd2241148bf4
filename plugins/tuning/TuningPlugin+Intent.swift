public import Routing

extension TuningPlugin {
  /// The parameters that the container is to have: places below `/proc/sys/net`, and values.
  public var intendedParameters: [(path: String, value: String)] { configuration.sysctls.map { ($0.path, $0.value) } }

  /// The properties that the container's interface is to have.
  public var intendedLink: LinkChange { LinkChange { configuration.link.describe(&$0) } }
}
