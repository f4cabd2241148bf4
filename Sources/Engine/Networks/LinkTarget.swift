internal import Addresses

/// A running container that another one is linked to, with what the link tells about it.
struct LinkTarget {
  let link: ContainerLink
  let record: ContainerRecord
  /// Its addresses on the networks that both are on, in the order of the linking container's.
  let addresses: [String]
  /// What it listens on.
  let ports: [ContainerPort]

  /// The lines of the linking container's hosts file.
  var hostsLines: [String] { HostsFile.lines(addresses, [link.alias, record.shortID, record.name]) }

  /// The variables of docker's links; `source` is the linking container's name.
  func environment(source: String) -> [String] {
    let prefix = String(link.alias.uppercased().map { $0 == "-" || $0 == "." ? "_" : $0 })
    guard let address = addresses.first.map({ String($0.prefix { $0 != "/" }) }) else { return [] }
    let host = address.contains(":") ? "[\(address)]" : address
    var variables: [String] = []
    if let first = ports.first { variables.append("\(prefix)_PORT=\(first.transport)://\(host):\(first.number)") }
    for port in ports {
      let name = "\(prefix)_PORT_\(port.number)_\(port.transport.rawValue.uppercased())"
      variables += [
        "\(name)=\(port.transport)://\(host):\(port.number)", "\(name)_ADDR=\(address)", "\(name)_PORT=\(port.number)",
        "\(name)_PROTO=\(port.transport)",
      ]
    }
    variables.append("\(prefix)_NAME=/\(source)/\(link.alias)")
    // What the target was given, its image's variables included; the last of one name counts.
    var values: [(name: String, value: String)] = []
    for variable in record.imageDefaults.environment + record.options.environment {
      let name = String(variable.prefix { $0 != "=" })
      if !variable.contains("=") || name == "HOME" || name == "PATH" { continue }
      values.removeAll { $0.name == name }
      values.append((name, String(variable.dropFirst(name.count + 1))))
    }
    return variables + values.map { "\(prefix)_ENV_\($0.name)=\($0.value)" }
  }
}
