internal import JSON
public import Linux

/// A folder with network configurations, usually /etc/cni/net.d.
///
/// Files are read in the order of their names, lists (`.conflist`) before single plugins (`.conf`, `.json`). If two name the same network,
/// the first one counts.
public struct NetworkFolder: Sendable {
  /// A file that is not a valid configuration.
  public struct Fault: Error, CustomStringConvertible {
    /// The file.
    public let path: String
    /// What is wrong with it.
    public let error: CNIError

    /// The path and the error.
    public var description: String { "\(path): \(error)" }
  }

  /// The folder's path.
  public let path: String

  /// Names a folder, which nobody reads yet.
  public init(_ path: String) { self.path = path }

  /// All networks, and the files that could not be read as one. A folder that is not there has none.
  public func networks() throws(SystemError) -> (lists: [NetworkList], faults: [Fault]) {
    var lists: [NetworkList] = []
    var faults: [Fault] = []
    for file in try files() {
      do {
        let list = try NetworkFolder.list(at: file)
        if !lists.contains(where: { $0.name == list.name }) { lists.append(list) }
      } catch { faults.append(Fault(path: file, error: error)) }
    }
    return (lists, faults)
  }

  /// The network with the given name; throws code 7 if no file has it, and says which files could not be read.
  public func network(named name: String) throws(CNIError) -> NetworkList {
    let files: [String]
    do { files = try self.files() } catch { throw CNIError(error) }
    var faults: [Fault] = []
    for file in files {
      do {
        let list = try NetworkFolder.list(at: file)
        if list.name == name { return list }
      } catch { faults.append(Fault(path: file, error: error)) }
    }
    throw CNIError(
      .invalidConfiguration, "no network named \"\(name)\" in \(path)",
      details: faults.isEmpty ? "" : "not readable: \(faults.map { $0.description }.joined(separator: "; "))")
  }

  /// Reads one file: a list, or a single plugin that is raised to one.
  public static func list(at file: String) throws(CNIError) -> NetworkList {
    let json = try object(at: file)
    guard file.hasSuffix(".conflist") else { return try NetworkList(raising: json) }
    return try NetworkList(json) { (network) throws(CNIError) in try extras(in: "\(FileSystem.folder(of: file))/\(network)") }
  }

  /// The configurations in the folder beside a list.
  private static func extras(in folder: String) throws(CNIError) -> [JSONObject] {
    var objects: [JSONObject] = []
    do {
      for name in try sortedNames(in: folder) where name.hasSuffix(".conf") { objects.append(try object(at: "\(folder)/\(name)")) }
    } catch { throw CNIError(error) }
    return objects
  }

  private func files() throws(SystemError) -> [String] {
    let names = try NetworkFolder.sortedNames(in: path)
    let lists = names.filter { $0.hasSuffix(".conflist") }, single = names.filter { $0.hasSuffix(".conf") || $0.hasSuffix(".json") }
    return (lists + single).map { "\(path)/\($0)" }
  }

  /// The names of the visible files in a folder in their order; none if there is no such folder.
  private static func sortedNames(in folder: String) throws(SystemError) -> [String] {
    do { return try FileSystem.names(in: folder).filter { !$0.hasPrefix(".") }.sorted() } catch {
      guard error.code == .noEntry else { throw error }
      return []
    }
  }

  private static func object(at file: String) throws(CNIError) -> JSONObject {
    let text: [UInt8]
    do { text = try FileSystem.read(file, limit: PluginProcess.inputLimit) } catch { throw CNIError(error) }
    do {
      guard case .object(let object) = try JSONValue(parsing: text) else {
        throw CNIError(.decoding, "error parsing configuration: expected an object")
      }
      return object
    } catch let error as JSONError { throw CNIError(.decoding, "error parsing configuration: \(error)") } catch { throw CNIError(error) }
  }
}
