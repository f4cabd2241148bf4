/// What an image says about the containers made from it: the `config` of its configuration file.
public struct ImageConfiguration: Equatable, Sendable {
  /// Words before the command.
  public var entrypoint: [String] = []
  /// The command if none is given.
  public var command: [String] = []
  /// `NAME=value`
  public var environment: [String] = []
  /// The working folder; empty for `/`.
  public var workingFolder = ""
  /// `user[:group]`, names or numbers; empty for root.
  public var user = ""
  /// `port/protocol`, by number: `80/tcp`.
  public var exposedPorts: [String] = []
  /// Folders that become anonymous volumes, sorted.
  public var volumes: [String] = []
  /// The signal of `stop`, a name or a number; empty for SIGTERM.
  public var stopSignal = ""
  /// How health is asked for.
  public var healthcheck: ImageHealthcheck?
  /// `NAME=value`, sorted.
  public var labels: [String] = []
  /// What a command given as one text is run by; empty for `/bin/sh -c`.
  public var shell: [String] = []

  /// An image that says nothing.
  public init() {}
}
