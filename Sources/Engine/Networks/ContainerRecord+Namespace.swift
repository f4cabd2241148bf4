extension ContainerRecord {
  /// The path of the network namespace of the container's process; nil if it does not run.
  public var networkNamespacePath: String? { status.process.isRunning ? "/proc/\(status.process.processID)/ns/net" : nil }
}
