extension PublishedPort {
  /// `80/tcp`
  public var containerText: String { "\(containerPort)/\(transport)" }

  /// Where the host answers, as `port` and `ps` show it: both `0.0.0.0:8080` and `[::]:8080` for all addresses.
  public var hostTexts: [String] {
    if hostAddress.isEmpty { return ["0.0.0.0:\(hostPort)", "[::]:\(hostPort)"] }
    return [hostAddress.contains(":") ? "[\(hostAddress)]:\(hostPort)" : "\(hostAddress):\(hostPort)"]
  }
}
