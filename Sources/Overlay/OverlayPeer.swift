public import CNI
public import JSON

/// Another host of an overlay as overlayd has programmed it: an element of `peers.json` in the state folder.
public struct OverlayPeer: Hashable, Sendable {
  /// Its lease.
  public var lease: Lease
  /// How packets go there from here, which may be directly although the network has a tunnel.
  public var dataPath: DataPath
  /// When its lease last changed here: seconds since 1970 UTC.
  public var lastChange: Int64
  /// Why it cannot be reached; nil if all is well.
  public var fault: String?

  /// Joins the parts.
  public init(lease: Lease, dataPath: DataPath, lastChange: Int64, fault: String? = nil) {
    self.lease = lease
    self.dataPath = dataPath
    self.lastChange = lastChange
    self.fault = fault
  }

  /// As it is written.
  public var json: JSONObject {
    var object = JSONObject([
      ("lease", .object(lease.json)), ("datapath", .string(dataPath.rawValue)), ("lastChange", .integer(lastChange)),
    ])
    if let fault { object["fault"] = .string(fault) }
    return object
  }

  /// Reads what `json` writes.
  public init(_ fields: ConfigurationObject) throws(CNIError) {
    guard let lease = try fields.object("lease") else { throw CNIError(missingField: fields.path(of: "lease"), expected: "a lease") }
    self.init(
      lease: try Lease(lease), dataPath: try fields.dataPath("datapath") ?? .vxlan,
      lastChange: Int64(try fields.integer("lastChange") ?? 0), fault: try fields.string("fault"))
  }
}
