internal import Addresses
internal import CNI
internal import JSON
internal import Linux
internal import Netlink
internal import Overlay
internal import Routing

/// Who this host is to the others, over restarts and reboots: `<data folder>/<network>.json`.
struct HostIdentity {
  /// The host's random name.
  private(set) var node: String
  /// The networks that it last had.
  private(set) var last: LeaseKey?
  /// This life of the host.
  let instance: String
  private let path: String

  /// Reads who this host is, or decides it. What cannot be written down is only told.
  init(network: String, folder: String, _ log: Logger) throws {
    path = "\(folder)/\(network).json"
    instance = try HostIdentity.instance()
    node = ""
    do {
      if let text = try FileSystem.readIfPresent(path) {
        let fields = try ConfigurationObject(parsing: text)
        node = try fields.string("node") ?? ""
        let key = LeaseKey(subnet: try fields.network("subnet", .v4), ipv6Subnet: try fields.network("ipv6Subnet", .v6))
        if !key.subnets.isEmpty { last = key }
      }
    } catch { log.warning("\(path) cannot be read, so this host starts anew: \(error)") }
    if node.isEmpty { renew(log) }
  }

  /// Becomes another host to the others: somebody else goes by this one's name.
  mutating func renew(_ log: Logger) {
    node = HostIdentity.hexadecimal(.random(in: 0 ... .max)) + HostIdentity.hexadecimal(.random(in: 0 ... .max))
    last = nil
    save(log)
  }

  /// Notes the networks that the host has.
  mutating func note(_ key: LeaseKey, _ log: Logger) {
    if key == last { return }
    last = key
    save(log)
  }

  private func save(_ log: Logger) {
    var object = JSONObject([("node", .string(node))])
    if let subnet = last?.subnet { object["subnet"] = .string("\(subnet)") }
    if let subnet = last?.ipv6Subnet { object["ipv6Subnet"] = .string("\(subnet)") }
    do {
      try FileSystem.createFolders(FileSystem.folder(of: path))
      try FileSystem.replace(path, content: Array((JSONValue.object(object).text + "\n").utf8), mode: 0o600)
    } catch { log.warning("who this host is cannot be written down: after a reboot it will be another one: \(error)") }
  }

  /// The kernel's life and the network namespace, which is a host's life even where several hosts share a kernel.
  private static func instance() throws -> String {
    let boot = try BootIdentifier.current().text.filter { $0 != "-" }.prefix(16)
    return "\(boot)\(hexadecimal(try RouteSocket().networkNamespaceCookie() ?? 0))"
  }

  private static func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
