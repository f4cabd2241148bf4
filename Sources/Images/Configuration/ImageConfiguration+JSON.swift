public import JSON

extension ImageConfiguration {
  /// Reads the `config` of a configuration file. Throws with the member's name for what is of the wrong kind.
  public init(_ object: JSONObject) throws {
    entrypoint = try object.texts("Entrypoint")
    command = try object.texts("Cmd")
    environment = try object.texts("Env")
    workingFolder = try object.text("WorkingDir")
    user = try object.text("User")
    exposedPorts =
      try object.object("ExposedPorts").map { ports in
        try ports.members.map { try ImageConfiguration.port($0.name) }
      }?.sorted { ImageConfiguration.number($0) < ImageConfiguration.number($1) } ?? []
    volumes = try object.object("Volumes")?.members.map(\.name).sorted() ?? []
    stopSignal = try object.text("StopSignal")
    healthcheck = try object.object("Healthcheck").map(ImageHealthcheck.init)
    labels = try object.object("Labels")?.members.map { "\($0.name)=\(try JSONText.string($0.value, "Labels"))" }.sorted() ?? []
    shell = try object.texts("Shell")
  }

  /// The configuration as the `config` of a file, over what `object` says of other things.
  public func json(over object: JSONObject = JSONObject()) -> JSONObject {
    var object = object
    func set(_ name: String, _ values: [String]) { object[name] = values.isEmpty ? nil : .array(values.map(JSONValue.string)) }
    func set(_ name: String, _ text: String) { object[name] = text.isEmpty ? nil : .string(text) }
    func set(_ name: String, keys: [String]) {
      object[name] = keys.isEmpty ? nil : .object(JSONObject(keys.map { ($0, .object(JSONObject())) }))
    }
    set("User", user)
    set("ExposedPorts", keys: exposedPorts)
    set("Env", environment)
    set("Entrypoint", entrypoint)
    set("Cmd", command)
    set("Volumes", keys: volumes)
    set("WorkingDir", workingFolder)
    object["Labels"] =
      labels.isEmpty
      ? nil
      : .object(
        JSONObject(
          labels.map { label in
            let parts = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), .string(parts.count > 1 ? String(parts[1]) : ""))
          }))
    set("StopSignal", stopSignal)
    object["Healthcheck"] = healthcheck.map { .object($0.json) }
    set("Shell", shell)
    return object
  }

  /// A port as `80/tcp`, from that or a bare number.
  static func port(_ text: String) throws -> String {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let transport = parts.count > 1 ? parts[1].lowercased() : "tcp"
    guard let number = UInt16(parts[0]), number > 0, ["tcp", "udp", "sctp"].contains(transport) else {
      throw ImageError(.invalid, "ExposedPorts: expected a port from 1 to 65535 with tcp, udp or sctp, found '\(text)'")
    }
    return "\(number)/\(transport)"
  }

  static func number(_ port: String) -> Int { Int(port.prefix { $0 != "/" }) ?? 0 }
}
