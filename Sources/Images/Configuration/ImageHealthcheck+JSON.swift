public import JSON

extension ImageHealthcheck {
  /// Reads the `Healthcheck` of a configuration file.
  public init(_ object: JSONObject) throws {
    test = try object.texts("Test")
    interval = try object.number("Interval")
    timeout = try object.number("Timeout")
    startPeriod = try object.number("StartPeriod")
    startInterval = try object.number("StartInterval")
    retries = try object.number("Retries")
  }

  /// The same as it stands in a file.
  public var json: JSONObject {
    var object = JSONObject()
    if !test.isEmpty { object["Test"] = .array(test.map(JSONValue.string)) }
    for (name, value) in [
      ("Interval", interval), ("Timeout", timeout), ("StartPeriod", startPeriod), ("StartInterval", startInterval), ("Retries", retries),
    ] where value != 0 {
      object[name] = .integer(value)
    }
    return object
  }
}
