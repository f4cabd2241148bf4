import CNI
import JSON
public import Linux

/// The folder where overlayd writes what it knows of one network, and others read it: `/run/overlayd/<network>`. Every file is replaced in one step.
public struct StateFolder: Sendable {
  /// Where the networks' folders lie unless somebody says otherwise.
  public static let defaultRoot = "/run/overlayd"

  /// The network's own folder.
  public let path: String

  /// The folder of a network below `root`.
  public init(network: String, root: String = StateFolder.defaultRoot) { path = "\(root)/\(network)" }

  /// The names of the networks that have a folder below `root`, sorted.
  public static func networks(root: String = StateFolder.defaultRoot) throws(SystemError) -> [String] {
    guard FileSystem.isFolder(root) else { return [] }
    return try FileSystem.names(in: root).filter { !$0.hasPrefix(".") && FileSystem.exists("\(root)/\($0)/state.json") }.sorted()
  }

  /// What overlayd last said of this host; nil before it has said anything.
  public func state() throws -> OverlayState? {
    guard let text = try FileSystem.readIfPresent("\(path)/state.json") else { return nil }
    do { return try OverlayState(ConfigurationObject(parsing: text)) } catch {
      throw CNIError(error.code, "\(path)/state.json: \(error.message)", details: error.details)
    }
  }

  /// The other hosts as overlayd has last programmed them, in the order of their networks; empty before it has said anything.
  public func peers() throws -> [OverlayPeer] {
    guard let text = try FileSystem.readIfPresent("\(path)/peers.json") else { return [] }
    do {
      var peers: [OverlayPeer] = []
      for fields in try ConfigurationObject(parsing: text).objects("peers") ?? [] { peers.append(try OverlayPeer(fields)) }
      return peers
    } catch { throw CNIError(error.code, "\(path)/peers.json: \(error.message)", details: error.details) }
  }

  /// Tells the readers about this host, in our file and in flannel's `subnet.env`, which is there only with a lease.
  public func write(_ state: OverlayState) throws(SystemError) {
    try FileSystem.createFolders(path)
    try replace("state.json", JSONValue.object(state.json).indented() + "\n")
    guard let environment = SubnetEnvironment(state), state.isReady else { return }
    try replace("subnet.env", environment.text)
  }

  /// Tells the readers about the other hosts.
  public func write(_ peers: [OverlayPeer]) throws(SystemError) {
    try FileSystem.createFolders(path)
    try replace("peers.json", JSONValue.object(JSONObject([("peers", .array(peers.map { .object($0.json) }))])).text + "\n")
  }

  private func replace(_ name: String, _ text: String) throws(SystemError) {
    try FileSystem.replace("\(path)/\(name)", content: Array(text.utf8))
  }
}
