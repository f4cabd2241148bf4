/// A port that cannot be published because another attachment holds it, or holds it on an address that is included.
public struct PortConflict: Error, Hashable, CustomStringConvertible {
  /// What was to be published.
  public let port: PublishedPort
  /// Who holds it.
  public let holder: Owner
  /// What the holder has published.
  public let held: PublishedPort

  /// `tcp 8080 is published by network podman, container 3f…, interface eth0`
  public var description: String {
    let detail = held == port || held.description == port.description ? "" : " (as \(held))"
    return
      "\(port) is already published by container \(holder.containerID), interface \(holder.interfaceName), network \(holder.network)\(detail)"
  }
}
