import Engine
import Linux
import TestSupport
import Testing

@Suite("the store of containers", .networkNamespace)
struct ContainerStoreTests {
  let store = ContainerStore(Places(root: "/var/lib/berth", run: "/run/berth", plugins: "", networks: ""))

  func container(_ id: Character, _ name: String) throws -> ContainerRecord {
    var record = ContainerRecord()
    record.id = String(repeating: id, count: 64)
    record.name = name
    record.options.environment = ["A=1"]
    record.options.limits.memory = 64 << 20
    try store.create(record)
    return record
  }

  @Test("a record is read as it was written")
  func recordIsRead() throws {
    let written = try container("a", "db"), read = try #require(try store.record(written.id))
    #expect(read.json == written.json)
    #expect(read.options.limits.memory == 64 << 20)
  }

  @Test(
    "a container is found by name, by ID and by the beginning of its ID",
    arguments: ["db", "/db", "aaa", String(repeating: "a", count: 64)])
  func isFound(word: String) throws {
    let written = try container("a", "db")
    #expect(try store.find(word).id == written.id)
  }

  @Test("an unknown name is answered with names that are like it")
  func nearMatches() throws {
    _ = try container("a", "web1")
    let error = #expect(throws: EngineError.self) { try store.find("wbe1") }
    #expect(error?.description == "No such container: wbe1 (did you mean web1?)")
  }

  @Test("a name is given once, and again when its container is gone")
  func nameConflict() throws {
    let first = try container("a", "db")
    let error = #expect(throws: EngineError.self) { try container("b", "db") }
    #expect(error?.description.hasPrefix("Conflict. The container name \"/db\" is already in use by container \"\(first.id)\".") == true)
    #expect(try store.ids() == [first.id])
    try store.remove(first)
    _ = try container("b", "db")
  }

  @Test("a claim is held by one at a time, and orphaned when its holder is killed")
  func claims() throws {
    let id = String(repeating: "c", count: 64)
    guard case .taken(let mine) = try ContainerClaim.take(id, in: store.places) else { Issue.record("not taken"); return }
    #expect(ContainerClaim.isHeld(id, in: store.places))
    guard case .held = try ContainerClaim.take(id, in: store.places) else { Issue.record("not held"); return }
    mine.handOver()
    #expect(!ContainerClaim.isHeld(id, in: store.places))
    guard case .orphaned(let orphan) = try ContainerClaim.take(id, in: store.places) else { Issue.record("not orphaned"); return }
    try orphan.release()
    #expect(try ContainerClaim.all(in: store.places).isEmpty)
  }
}
