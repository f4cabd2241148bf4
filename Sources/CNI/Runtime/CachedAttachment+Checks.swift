internal import JSON

extension CachedAttachment {
  /// What CHECK would ask each plugin of a list, in their order, with the result on record as the previous one: for tools that decode
  /// configurations with the plugins' own code instead of running them. Throws code 3 without a result.
  public func checks(of list: NetworkList) throws(CNIError) -> [PluginRequest] {
    guard let result else { throw CNIError(.unknownContainer, "no result of an ADD is on record for \(attachment)") }
    var requests: [PluginRequest] = []
    for plugin in list.plugins {
      requests.append(try PluginCall(plugin, list, request, previousResult: result).request(.check))
    }
    return requests
  }

  /// The network list as it was on ADD; throws code 6 or 7 if the entry does not hold it.
  public func list() throws(CNIError) -> NetworkList {
    guard let json = try? JSONValue(parsing: configuration), case .object(let object) = json else {
      throw CNIError(.decoding, "the record of \(attachment) holds no network configuration")
    }
    return object["plugins"] == nil ? try NetworkList(raising: object) : try NetworkList(object)
  }

  /// The result on record as a value; nil while ADD runs. `version` is the list's.
  public func decodedResult(_ version: CNIVersion) throws(CNIError) -> CNIResult? {
    guard let result else { return nil }
    let object = ConfigurationObject(result)
    return try CNIResult(object, version: try object.string("cniVersion").flatMap { CNIVersion($0) } ?? version)
  }
}

extension CachedAttachment {
  /// The names of the host's interfaces in the result, bridges included.
  public var hostInterfaceNames: [String] {
    guard case .array(let interfaces)? = result?["interfaces"] else { return [] }
    return interfaces.compactMap { interface in
      guard case .object(let object) = interface, case .string(let name)? = object["name"] else { return nil }
      if case .string(let sandbox)? = object["sandbox"], !sandbox.isEmpty { return nil }
      return name
    }
  }
}
