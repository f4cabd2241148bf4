import Addresses
import CNI
import JSON
import Linux
import Testing

@Suite("The runtime's side")
struct RuntimeTests {
  private let recorded: RecordedRuntime
  private var runtime: Runtime { recorded.runtime }
  private let request = AttachmentRequest(containerID: "c1", interfaceName: "eth0", networkNamespacePath: "/run/netns/c1")

  init() throws { recorded = try RecordedRuntime(types: ["a", "b", "c"]) }

  private func list(_ version: String = "1.1.0", more: String = "", plugins: String = #"{"type":"a"},{"type":"b"},{"type":"c"}"#) throws
    -> NetworkList
  {
    guard
      case .object(let object) = try JSONValue(
        parsing: Array(#"{"cniVersion":"\#(version)","name":"n",\#(more)"plugins":[\#(plugins)]}"#.utf8))
    else { throw CNIError(.decoding, "no object") }
    return try NetworkList(object)
  }

  @Test("calls ADD in order and passes each result on as it came")
  func add() throws {
    try recorded.reply("a", "ADD", #"{"cniVersion":"1.1.0","ips":[{"address":"10.0.0.2/24"}],"unknown":true}"#)
    try recorded.reply("b", "ADD", #"{"ips":[{"address":"10.0.0.3/24"}]}"#)
    try recorded.reply("c", "ADD", #"{"cniVersion":"1.1.0","ips":[{"address":"10.0.0.4/24"}],"dns":{"domain":"d"}}"#)
    let result = try runtime.add(list(), request)
    #expect(try recorded.calls() == ["a ADD", "b ADD", "c ADD"])
    #expect(result == CNIResult(addresses: [ResultAddress(try #require(Subnet("10.0.0.4/24")))], dns: DNSConfiguration(domain: "d")))
    #expect(try recorded.input("a", "ADD")["prevResult"] == nil)
    #expect(
      try recorded.input("b", "ADD")["prevResult"] == ["cniVersion": "1.1.0", "ips": [["address": "10.0.0.2/24"]], "unknown": true])
    #expect(try recorded.input("c", "ADD")["prevResult"] == ["ips": [["address": "10.0.0.3/24"]]])
  }

  @Test("converts a result that came in another version than was asked for")
  func convert() throws {
    try recorded.reply("a", "ADD", #"{"cniVersion":"0.2.0","ip4":{"ip":"10.0.0.2/24"}}"#)
    _ = try runtime.add(list(), request)
    #expect(try recorded.input("b", "ADD")["prevResult"] == ["cniVersion": "1.1.0", "ips": [["address": "10.0.0.2/24"]]])
  }

  @Test("gives every plugin its part of the list, name, version and the variables")
  func configuration() throws {
    var request = request
    request.arguments = [.init("IgnoreUnknown", "1"), .init("IP", "10.0.0.9")]
    _ = try runtime.add(list("1.0.0", plugins: #"{"type":"a","own":[1.5,{}],"args":{"x":1,"cni":{"y":2}}}"#), request)
    let input = try recorded.input("a", "ADD")
    #expect(JSONValue.object(input).text == #"{"type":"a","own":[1.5,{}],"args":{"x":1,"cni":{"y":2}},"name":"n","cniVersion":"1.0.0"}"#)
    #expect(
      try recorded.environment("a", "ADD") == [
        "CNI_ARGS=IgnoreUnknown=1;IP=10.0.0.9", "CNI_COMMAND=ADD", "CNI_CONTAINERID=c1", "CNI_IFNAME=eth0",
        "CNI_NETNS=/run/netns/c1", "CNI_PATH=\(recorded.folder["bin"])",
      ])
  }

  @Test("passes capability values to the plugins that declare them, and conventions to all")
  func capabilities() throws {
    var request = request
    request.capabilityValues = JSONObject([("ips", ["10.0.0.5"]), ("mac", "02:00:00:00:00:01"), ("other", 1)])
    request.conventions = JSONObject([("labels", [["key": "app", "value": "x"]])])
    let plugins =
      #"{"type":"a","capabilities":{"ips":true,"mac":false}},{"type":"b","capabilities":{"mac":true,"absent":true}},{"type":"c","args":{"cni":{"z":1}}}"#
    _ = try runtime.add(list(plugins: plugins), request)
    #expect(try recorded.input("a", "ADD")["runtimeConfig"] == ["ips": ["10.0.0.5"]])
    #expect(try recorded.input("b", "ADD")["runtimeConfig"] == ["mac": "02:00:00:00:00:01"])
    #expect(try recorded.input("c", "ADD")["runtimeConfig"] == nil)
    #expect(try recorded.input("a", "ADD")["args"] == ["cni": ["labels": [["key": "app", "value": "x"]]]])
    #expect(try recorded.input("c", "ADD")["args"] == ["cni": ["z": 1, "labels": [["key": "app", "value": "x"]]]])
  }

  @Test("records its intent before the first plugin runs, and the result after the last")
  func intent() throws {
    try recorded.reply("a", "ADD", #"{"cniVersion":"1.1.0","ips":[{"address":"10.0.0.2/24"}]}"#)
    _ = try runtime.add(list(plugins: #"{"type":"a"}"#), request)
    guard case .object(let seen) = try JSONValue(parsing: Array(try recorded.folder.read("seen").utf8)) else {
      Issue.record("the plugin saw no record")
      return
    }
    #expect(seen["kind"] == "cniCacheV1")
    #expect(seen["containerId"] == "c1")
    #expect(seen["result"] == nil)
    #expect(try recorded.records() == ["n-c1-eth0"])
    let entry = try runtime.cache.entry(of: Attachment(network: "n", containerID: "c1", interfaceName: "eth0"))
    #expect(entry?.result?["ips"] == [["address": "10.0.0.2/24"]])
  }

  @Test("undoes an ADD that fails, with all plugins in reverse, and forgets it")
  func failedAdd() throws {
    try recorded.fail("b", "ADD", code: 104)
    let error = #expect(throws: RuntimeError.self) { try runtime.add(list(), request) }
    #expect(try recorded.calls() == ["a ADD", "b ADD", "c DEL", "b DEL", "a DEL"])
    #expect(error?.failures.map { $0.type } == ["b"])
    #expect(error?.failures.first?.error == CNIError(CNIErrorCode(rawValue: 104), "b cannot ADD"))
    #expect(error?.description == "network n: b ADD: b cannot ADD")
    #expect(try recorded.records() == [])
  }

  @Test("keeps the record of a failed ADD that could not be undone, and a later ADD undoes it first")
  func failedUndo() throws {
    try recorded.fail("b", "ADD", code: 104)
    try recorded.fail("a", "DEL", code: 5)
    let error = #expect(throws: RuntimeError.self) { try runtime.add(list(), request) }
    #expect(error?.failures.map { "\($0.type) \($0.command.rawValue)" } == ["b ADD", "a DEL"])
    #expect(try recorded.records() == ["n-c1-eth0"])
    try recorded.heal("b", "ADD")
    try recorded.heal("a", "DEL")
    _ = try runtime.add(list(), request)
    #expect(try recorded.calls().suffix(6) == ["c DEL", "b DEL", "a DEL", "a ADD", "b ADD", "c ADD"])
  }

  @Test("undoes first what a runtime that was killed in the middle of an ADD has left", arguments: ["intent", "torn"])
  func interrupted(kind: String) throws {
    if kind == "intent" {
      try runtime.cache.store(CachedAttachment(network: "n", request: request, configuration: []))
    } else {
      try recorded.folder.write("results/n-c1-eth0", #"{"kind":"cniCacheV1","cont"#)
    }
    _ = try runtime.add(list(), request)
    #expect(try recorded.calls() == ["c DEL", "b DEL", "a DEL", "a ADD", "b ADD", "c ADD"])
  }

  @Test("refuses to attach twice, and leaves the attachment alone")
  func twice() throws {
    _ = try runtime.add(list(), request)
    let error = #expect(throws: CNIError.self) { try runtime.add(list(), request) }
    #expect(error?.message == "n/c1/eth0 is already attached; it must be deleted first")
    #expect(try recorded.calls() == ["a ADD", "b ADD", "c ADD"])
  }

  @Test("does nothing if a plugin is not installed")
  func missingPlugin() throws {
    let error = #expect(throws: CNIError.self) { try runtime.add(list(plugins: #"{"type":"a"},{"type":"nope"}"#), request) }
    #expect(error?.message == "failed to find plugin \"nope\" in path [\(recorded.folder["bin"])]")
    #expect(try recorded.calls() == [])
    #expect(try recorded.records() == [])
  }

  @Test("refuses names that cannot be", arguments: [("../x", "eth0", []), ("c1", "a/b", []), ("c1", "eth0", ["x;y"])])
  func badNames(containerID: String, interfaceName: String, values: [String]) throws {
    var request = AttachmentRequest(containerID: containerID, interfaceName: interfaceName, networkNamespacePath: "/x")
    request.arguments = values.map { .init("A", $0) }
    let error = #expect(throws: CNIError.self) { try runtime.add(list(), request) }
    #expect(error?.code == .invalidEnvironment)
    #expect(try recorded.calls() == [])
  }

  @Test("calls DEL in reverse with the final result, and forgets the attachment")
  func delete() throws {
    try recorded.reply("c", "ADD", #"{"cniVersion":"1.1.0","ips":[{"address":"10.0.0.4/24"}]}"#)
    _ = try runtime.add(list(), request)
    try runtime.delete(list(), request)
    #expect(try recorded.calls().suffix(3) == ["c DEL", "b DEL", "a DEL"])
    for type in ["a", "b", "c"] {
      #expect(try recorded.input(type, "DEL")["prevResult"] == ["cniVersion": "1.1.0", "ips": [["address": "10.0.0.4/24"]]])
    }
    #expect(try recorded.records() == [])
  }

  @Test("gives DEL no result before version 0.4.0")
  func oldDelete() throws {
    _ = try runtime.add(list("0.3.1"), request)
    try runtime.delete(list("0.3.1"), request)
    #expect(try recorded.input("a", "DEL")["prevResult"] == nil)
  }

  @Test("goes on with DEL after an error, tells of all, and keeps the record for another try")
  func failedDelete() throws {
    _ = try runtime.add(list(), request)
    try recorded.fail("c", "DEL", code: 1)
    try recorded.fail("a", "DEL", code: 2)
    let error = #expect(throws: RuntimeError.self) { try runtime.delete(list(), request) }
    #expect(error?.description == "network n: c DEL: c cannot DEL; a DEL: a cannot DEL")
    #expect(try recorded.calls().suffix(3) == ["c DEL", "b DEL", "a DEL"])
    #expect(try recorded.records() == ["n-c1-eth0"])
    try recorded.heal("c", "DEL")
    try recorded.heal("a", "DEL")
    try runtime.delete(list(), request)
    #expect(try recorded.input("a", "DEL")["prevResult"] == [:])
    #expect(try recorded.records() == [])
  }

  @Test("deletes what it has no record of, and what has a torn one", arguments: [true, false])
  func unknownDelete(torn: Bool) throws {
    if torn { try recorded.folder.write("results/n-c1-eth0", "{") }
    var request = request
    request.networkNamespacePath = ""
    try runtime.delete(list(), request)
    #expect(try recorded.calls() == ["c DEL", "b DEL", "a DEL"])
    #expect(try recorded.environment("a", "DEL").contains("CNI_NETNS="))
    #expect(try recorded.records() == [])
  }

  @Test("gives CHECK the result of ADD, asks all plugins, and tells of all that find a fault")
  func check() throws {
    try recorded.reply("c", "ADD", #"{"cniVersion":"1.1.0","ips":[{"address":"10.0.0.4/24"}]}"#)
    _ = try runtime.add(list(), request)
    try runtime.check(list(), request)
    #expect(try recorded.input("a", "CHECK")["prevResult"] == ["cniVersion": "1.1.0", "ips": [["address": "10.0.0.4/24"]]])
    try recorded.fail("a", "CHECK", code: 200)
    try recorded.fail("c", "CHECK", code: 200)
    let error = #expect(throws: RuntimeError.self) { try runtime.check(list(), request) }
    #expect(error?.failures.map { $0.type } == ["a", "c"])
  }

  @Test("does not CHECK before 0.4.0, without a record, or if the list says disableCheck")
  func noCheck() throws {
    #expect(throws: CNIError(.incompatibleVersion, "config version does not allow CHECK")) { try runtime.check(list("0.3.1"), request) }
    #expect(throws: CNIError.self) { try runtime.check(list(), request) }
    try runtime.check(list(more: #""disableCheck":"true","#), request)
    #expect(try recorded.calls() == [])
  }

  @Test("sends GC the attachments to keep under both keys, after a DEL of the records that are not among them")
  func collectGarbage() throws {
    let list = try list()
    for name in ["c1", "c2"] {
      _ = try runtime.add(list, AttachmentRequest(containerID: name, interfaceName: "eth0", networkNamespacePath: "/run/netns/\(name)"))
    }
    try FileSystem.remove(recorded.folder["log"])
    try runtime.collectGarbage(
      list,
      keeping: [
        Attachment(network: "n", containerID: "c2", interfaceName: "eth0"),
        Attachment(network: "other", containerID: "c3", interfaceName: "eth0"),
      ])
    #expect(try recorded.calls() == ["c DEL", "b DEL", "a DEL", "a GC", "b GC", "c GC"])
    #expect(try recorded.environment("a", "DEL").contains("CNI_NETNS=/run/netns/c1"))
    for key in ["cni.dev/valid-attachments", "cni.dev/attachments"] {
      #expect(try recorded.input("b", "GC")[key] == [["containerID": "c2", "ifname": "eth0"]])
    }
    #expect(try recorded.environment("b", "GC") == ["CNI_COMMAND=GC", "CNI_PATH=\(recorded.folder["bin"])"])
    #expect(try recorded.records() == ["n-c2-eth0"])
  }

  @Test("goes on with GC after an error and tells of all")
  func failedGarbageCollection() throws {
    try recorded.fail("a", "GC", code: 1)
    try recorded.fail("c", "GC", code: 2)
    let error = #expect(throws: RuntimeError.self) { try runtime.collectGarbage(list(), keeping: []) }
    #expect(error?.failures.map { $0.type } == ["a", "c"])
    #expect(try recorded.calls() == ["a GC", "b GC", "c GC"])
  }

  @Test("does not call GC if the list says disableGC, nor before 1.1.0")
  func noGarbageCollection() throws {
    try runtime.collectGarbage(list(more: #""disableGC":true,"#), keeping: [])
    #expect(try recorded.calls() == [])
    _ = try runtime.add(list("1.0.0"), request)
    try runtime.collectGarbage(list("1.0.0"), keeping: [])
    #expect(try recorded.calls().suffix(3) == ["c DEL", "b DEL", "a DEL"])
  }

  @Test("asks all plugins for their STATUS from 1.1.0 on")
  func status() throws {
    try runtime.status(list("1.0.0"))
    #expect(try recorded.calls() == [])
    try recorded.fail("b", "STATUS", code: 50)
    let error = #expect(throws: RuntimeError.self) { try runtime.status(list()) }
    #expect(error?.failures.map { $0.error.code } == [.notAvailable])
    #expect(try recorded.calls() == ["a STATUS", "b STATUS", "c STATUS"])
  }

  @Test("asks plugins for their versions, and says which do not speak the list's")
  func versions() throws {
    try recorded.reply("a", "VERSION", #"{"cniVersion":"1.1.0","supportedVersions":["1.0.0","1.1.0","9.0.0"]}"#)
    try recorded.reply("b", "VERSION", #"{"cniVersion":"1.0.0","supportedVersions":["1.0.0"]}"#)
    #expect(try runtime.versions(of: "a") == ["1.0.0", "1.1.0", "9.0.0"])
    let error = #expect(throws: RuntimeError.self) { try runtime.validate(list(plugins: #"{"type":"a"},{"type":"b"},{"type":"nope"}"#)) }
    #expect(error?.failures.map { $0.type } == ["b", "nope"])
    try runtime.validate(list("1.0.0", plugins: #"{"type":"a"},{"type":"b"}"#))
  }
}
