import CNI
import JSON
import Linux
import Testing

@Suite("Network lists")
struct NetworkListTests {
  private func list(_ text: String) throws -> NetworkList {
    guard case .object(let object) = try JSONValue(parsing: Array(text.utf8)) else { throw CNIError(.decoding, "no object") }
    return try NetworkList(object)
  }

  @Test("hold the plugins in their order, unknown keys included")
  func plugins() throws {
    let list = try list(
      #"{"cniVersion":"0.4.0","name":"n","x":1,"plugins":[{"type":"bridge","y":{"z":[]},"capabilities":{"ips":true,"mac":false}},{"TYPE":"portmap"}]}"#
    )
    #expect(list.name == "n")
    #expect(list.version == .v040)
    #expect(list.plugins.map { $0.type } == ["bridge", "portmap"])
    #expect(list.plugins[0].json["y"] == ["z": []])
    #expect(list.plugins[0].capabilities == ["ips"])
    #expect(!list.disablesCheck)
    #expect(!list.disablesGarbageCollection)
  }

  @Test(
    "are spoken in the highest version that both sides know",
    arguments: [
      (#""cniVersion":"0.3.1""#, .v031), (#""cniVersions":["0.4.0","1.1.0","1.0.0"]"#, .v110), (#""cniVersions":["1.0.0","9.0.0"]"#, .v100),
      (#""cniVersion":"1.0.0","cniVersions":["0.4.0"]"#, .v100), (#""cniVersion":"9.0.0","cniVersions":["0.4.0"]"#, .v040),
      (#""x":0"#, .v010), (#""cniVersion":"","cniVersions":[]"#, .v010),
    ] as [(String, CNIVersion)])
  func version(keys: String, version: CNIVersion) throws {
    #expect(try list(#"{\#(keys),"name":"n","plugins":[{"type":"t"}]}"#).version == version)
  }

  @Test(
    "read disableCheck and disableGC as truth values and as texts",
    arguments: [("true", true), (#""true""#, true), (#""True""#, true), ("false", false), (#""false""#, false), ("null", false)])
  func flags(text: String, value: Bool) throws {
    let list = try list(#"{"name":"n","disableCheck":\#(text),"disableGC":\#(text),"plugins":[{"type":"t"}]}"#)
    #expect(list.disablesCheck == value)
    #expect(list.disablesGarbageCollection == value)
  }

  @Test(
    "are refused with the field's name if they are wrong",
    arguments: [
      (#"{"plugins":[{"type":"t"}]}"#, 7, "missing network name"),
      (#"{"name":"a/b","plugins":[{"type":"t"}]}"#, 7, "invalid characters found in network name"),
      (#"{"name":5}"#, 6, "field name"),
      (#"{"name":"n"}"#, 7, "field plugins: expected at least one plugin"),
      (#"{"name":"n","plugins":[]}"#, 7, "field plugins: expected at least one plugin"),
      (#"{"name":"n","plugins":{}}"#, 6, "field plugins"),
      (#"{"name":"n","plugins":[5]}"#, 6, "field plugins[0]"),
      (#"{"name":"n","plugins":[{"type":"a"},{}]}"#, 7, "field plugins[1].type: expected the name of a plugin, but it is missing"),
      (#"{"name":"n","plugins":[{"type":"../a"}]}"#, 7, "field plugins[0].type: expected a plugin's name without a slash"),
      (#"{"name":"n","plugins":[{"type":1}]}"#, 6, "field plugins[0].type"),
      (#"{"name":"n","plugins":[{"type":"a","capabilities":[]}]}"#, 6, "field plugins[0].capabilities"),
      (#"{"name":"n","plugins":[{"type":"a","capabilities":{"ips":"yes"}}]}"#, 6, "field plugins[0].capabilities.ips"),
      (#"{"name":"n","cniVersions":"1.0.0","plugins":[{"type":"a"}]}"#, 6, "field cniVersions"),
      (#"{"name":"n","cniVersions":["9.0.0"],"plugins":[{"type":"a"}]}"#, 1, "incompatible CNI versions"),
      (#"{"name":"n","disableGC":"maybe","plugins":[{"type":"a"}]}"#, 7, "field disableGC: expected true or false, got \"maybe\""),
      (#"{"name":"n","disableCheck":1,"plugins":[{"type":"a"}]}"#, 6, "field disableCheck"),
      (#"{"name":"n","loadOnlyInlinedPlugins":true}"#, 7, "field plugins"),
    ])
  func refused(text: String, code: Int, words: String) {
    let error = #expect(throws: CNIError.self) { try list(text) }
    #expect(error?.code.rawValue == code)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }
}

@Suite("A folder of networks")
struct NetworkFolderTests {
  private let folder: TemporaryFolder
  private var networks: NetworkFolder { NetworkFolder(folder.path) }

  init() throws { folder = try TemporaryFolder() }

  private func write(_ file: String, _ name: String, _ type: String, more: String = "") throws {
    try folder.write(file, #"{"cniVersion":"1.0.0","name":"\#(name)",\#(more)"plugins":[{"type":"\#(type)"}]}"#)
  }

  @Test("gives the first list with the name, in the order of file names")
  func order() throws {
    try write("20.conflist", "n", "second")
    try write("10.conflist", "n", "first")
    try write("05.conflist", "other", "x")
    #expect(try networks.network(named: "n").plugins.map { $0.type } == ["first"])
    #expect(try networks.networks().lists.map { $0.name } == ["other", "n"])
  }

  @Test("raises single plugins to lists, after the lists", arguments: ["00.conf", "00.json"])
  func single(file: String) throws {
    try folder.write(file, #"{"cniVersion":"0.3.1","name":"one","type":"loopback","x":1}"#)
    try write("10.conflist", "n", "t")
    let list = try networks.network(named: "one")
    #expect(list.plugins.map { $0.type } == ["loopback"])
    #expect(list.version == .v031)
    #expect(list.plugins[0].json["x"] == 1)
    #expect(try networks.networks().lists.map { $0.name } == ["n", "one"])
  }

  @Test("adds the plugins in the folder that has the network's name")
  func sibling() throws {
    try write("10.conflist", "n", "bridge")
    try folder.write("n/20.conf", #"{"type":"b"}"#)
    try folder.write("n/10.conf", #"{"type":"a"}"#)
    try folder.write("n/30.txt", "nonsense")
    #expect(try networks.network(named: "n").plugins.map { $0.type } == ["bridge", "a", "b"])
    guard case .array(let plugins)? = try networks.network(named: "n").json["plugins"] else {
      Issue.record("no plugins")
      return
    }
    #expect(plugins.count == 3)
  }

  @Test("takes all plugins from that folder if the list has none")
  func onlySibling() throws {
    try folder.write("10.conflist", #"{"cniVersion":"1.1.0","name":"n"}"#)
    try folder.write("n/10.conf", #"{"type":"a"}"#)
    #expect(try networks.network(named: "n").plugins.map { $0.type } == ["a"])
  }

  @Test("does not look into that folder if the list says loadOnlyInlinedPlugins", arguments: ["true", #""true""#])
  func onlyInlined(flag: String) throws {
    try write("10.conflist", "n", "bridge", more: #""loadOnlyInlinedPlugins":\#(flag),"#)
    try folder.write("n/10.conf", "broken")
    #expect(try networks.network(named: "n").plugins.map { $0.type } == ["bridge"])
  }

  @Test("goes on past broken files, and tells of them")
  func broken() throws {
    try folder.write("00.conflist", "{")
    try folder.write("05.conf", #"{"name":"x"}"#)
    try write("10.conflist", "n", "t")
    try folder.write(".hidden.conflist", "{")
    #expect(try networks.network(named: "n").name == "n")
    let all = try networks.networks()
    #expect(all.lists.map { $0.name } == ["n"])
    #expect(all.faults.map { $0.path } == [folder["00.conflist"], folder["05.conf"]])
    let error = #expect(throws: CNIError.self) { try networks.network(named: "nope") }
    #expect(error?.message == #"no network named "nope" in \#(folder.path)"#)
    #expect(error?.details.contains("00.conflist: error parsing configuration: line 1") == true)
    #expect(error?.details.contains("05.conf: field plugins[0].type") == true)
  }

  @Test("of ours holds nothing but valid networks")
  func ours() throws {
    let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    let (lists, faults) = try NetworkFolder("\(root)/conf").networks()
    #expect(faults.map { $0.description } == [])
    #expect(!lists.isEmpty)
  }

  @Test("is empty if it is not there")
  func absent() throws {
    let folder = NetworkFolder(folder["none"])
    #expect(try folder.networks().lists == [])
    #expect(throws: CNIError.self) { try folder.network(named: "n") }
  }
}
