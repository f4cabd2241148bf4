public import Addresses
internal import JSON

extension PluginRequest {
  /// The MAC address that the container's interface is to have: `runtimeConfig.mac`, else `args.cni.mac`, else MAC in CNI_ARGS; nil if none says so.
  public func stationAddress() throws(CNIError) -> MACAddress? {
    let argument = try arguments.values(known: ["MAC", "IP", "GATEWAY"])["MAC"].flatMap { $0.isEmpty ? nil : $0 }
    let places: [ConfigurationValue?] = [
      try configuration.runtimeConfig().value("mac"), try configuration.arguments().value("mac"),
      argument.map { ConfigurationValue(.string($0), path: "CNI_ARGS MAC") },
    ]
    for place in places.compactMap({ $0 }) where place.json != "" { return try place.station() }
    return nil
  }
}

extension ConfigurationValue {
  /// The MAC address of a single station.
  public func station() throws(CNIError) -> MACAddress {
    let address = try mac()
    if address.isMulticast || address.value == 0 { throw invalid(expected: "the MAC address of a single station") }
    return address
  }
}
