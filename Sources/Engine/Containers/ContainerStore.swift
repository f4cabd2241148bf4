internal import Glibc
internal import JSON
public import Linux

/// The records of all containers, in files below one root. Every change is one rename; two commands at once are safe.
public struct ContainerStore: Sendable {
  /// Where the files are.
  public let places: Places

  /// Opens the store; folders are made when something is written.
  public init(_ places: Places) { self.places = places }

  /// The record of a container by its whole ID; nil if there is none.
  public func record(_ id: String) throws -> ContainerRecord? {
    let path = file(id)
    guard let content = try FileSystem.readIfPresent(path) else { return nil }
    do { return try ContainerRecord(json: JSONValue(parsing: content)) } catch { throw EngineError("\(path): \(error)") }
  }

  /// The IDs of all containers, in no order.
  public func ids() throws(SystemError) -> [String] {
    do { return try FileSystem.names(in: places.containers).filter { $0.utf8.count == 64 } } catch {
      if error.code == .noEntry { return [] }
      throw error
    }
  }

  /// All records, the newest first.
  public func records() throws -> [ContainerRecord] {
    try ids().compactMap { try record($0) }.sorted { $0.created > $1.created }
  }

  /// Writes a new container: its folder, its name and its record. Fails in docker's words if the name is taken.
  public func create(_ record: ContainerRecord) throws {
    try FileSystem.createFolders(places.container(record.id), mode: 0o700)
    do {
      try write(record)
      try reserve(record.name, for: record.id)
    } catch {
      try FileSystem.remove(file(record.id))
      try FileSystem.removeFolder(places.container(record.id))
      throw error
    }
  }

  /// Changes a record under the container's lock, and returns what it is then. Fails if the container is gone.
  @discardableResult
  public func update(_ id: String, _ change: (inout ContainerRecord) throws -> Void) throws -> ContainerRecord {
    let lock: FileLock
    do { lock = try FileLock("\(places.container(id))/lock") } catch {
      if error.code == .noEntry { throw ContainerStore.missing(id) }
      throw error
    }
    guard var record = try record(id) else { throw ContainerStore.missing(id) }
    try change(&record)
    try write(record)
    withExtendedLifetime(lock) {}
    return record
  }

  /// Calls `body` with the record as it is, under the container's lock: nobody changes it meanwhile. Does nothing if the container is gone.
  public func reading(_ id: String, _ body: (ContainerRecord) throws -> Void) throws {
    let lock: FileLock
    do { lock = try FileLock("\(places.container(id))/lock") } catch {
      if error.code == .noEntry { return }
      throw error
    }
    if let record = try record(id) { try body(record) }
    withExtendedLifetime(lock) {}
  }

  /// Gives a container another name.
  public func rename(_ id: String, to name: String) throws {
    try reserve(name, for: id)
    var old = ""
    do {
      try update(id) {
        old = $0.name
        $0.name = name
      }
    } catch {
      try forget(name)
      throw error
    }
    if old != name { try forget(old) }
  }

  /// Forgets a container's name and record; whoever calls holds its claim and has removed what else was its.
  public func remove(_ record: ContainerRecord) throws {
    try FileSystem.remove(file(record.id))
    if try owner(of: record.name) == record.id { try forget(record.name) }
    try FileSystem.remove("\(places.container(record.id))/lock")
    try FileSystem.removeFolder(places.container(record.id))
  }

  /// Removes what is left of a container without a record: its maker or its remover was killed. Whoever calls holds its claim.
  func removeRemains(of id: String) throws {
    for name in (try? FileSystem.names(in: places.names)) ?? [] where !name.hasPrefix(".") {
      if try owner(of: name) == id { try forget(name) }
    }
    try FileSystem.removeTree(places.container(id))
  }

  /// The file of a container's record.
  public func file(_ id: String) -> String { "\(places.container(id))/container.json" }

  static func missing(_ word: String) -> EngineError { EngineError("No such container: \(word)") }

  private func write(_ record: ContainerRecord) throws {
    try FileSystem.replace(file(record.id), content: Array((record.json.text + "\n").utf8), mode: 0o600)
  }
}
