import CNI
import JSON
import Testing

@Suite("Malformed input")
struct MalformedInputTests {
  @Test("gets one error with the right code and words", arguments: MalformedInput.rows)
  func refuses(input: MalformedInput) throws {
    let good = ["CNI_CONTAINERID=c1", "CNI_NETNS=/nowhere", "CNI_IFNAME=eth0", "CNI_PATH=/none:/nothing"]
    let environment = Environment(["CNI_COMMAND=\(input.command)"] + input.variables + good)
    let outcome = PluginProcess(plugins: [SamplePlugin.self]).run(SamplePlugin.self, environment: environment) { input.configuration }
    #expect(outcome.exitCode == 1)
    #expect(outcome.message == "")
    #expect(outcome.output.hasSuffix("\n"))
    // A second document would not parse, and an answer that repeats megabytes helps nobody.
    #expect(outcome.output.utf8.count < 1000)
    guard case .object(let object) = try JSONValue(parsing: Array(outcome.output.utf8)) else {
      Issue.record("not an object")
      return
    }
    #expect(object["code"] == .integer(Int64(input.code)))
    guard case .string(let version)? = object["cniVersion"], case .string(let message)? = object["msg"] else {
      Issue.record("no cniVersion or msg in \(outcome.output)")
      return
    }
    #expect(CNIVersion(version) != nil)
    let details = if case .string(let text)? = object["details"] { text } else { "" }
    for word in input.words { #expect("\(message)\n\(details)".contains(word), "in \(outcome.output)") }
  }

  @Test("is a table of more than 70 rows, no two alike")
  func table() {
    #expect(MalformedInput.rows.count > 70)
    #expect(Set(MalformedInput.rows.map { "\($0.testDescription)\($0.variables)" }).count == MalformedInput.rows.count)
  }

  @Test("never gets a crash or a silent exit, however a good configuration is damaged", arguments: 0..<8)
  func mutations(seed: UInt64) throws {
    let sources = [
      #"{"cniVersion":"1.1.0","name":"n","type":"sample","flag":true,"number":5,"texts":["a"],"subnet":"10.0.0.0/24","mac":"02:00:00:00:00:01"}"#,
      #"{"cniVersion":"0.4.0","name":"n","prevResult":{"interfaces":[{"name":"eth0","mac":"02:00:00:00:00:01","sandbox":"/x"}],"ips":[{"version":"4","address":"10.0.0.2/24","gateway":"10.0.0.1","interface":0}],"routes":[{"dst":"0.0.0.0/0","mtu":1400}],"dns":{"search":["x"]}}}"#,
      #"{"cniVersion":"0.2.0","name":"n","prevResult":{"ip4":{"ip":"10.0.0.2/24","routes":[{"dst":"::/0"}]}},"args":{"cni":{"mac":null}},"runtimeConfig":{}}"#,
    ].map { Array($0.utf8) }
    var random = SplitMix(state: seed)
    for _ in 0..<1000 {
      var text = sources[Int(random.next() % 3)]
      for _ in 0...random.next() % 4 {
        let position = Int(random.next() % UInt64(text.count))
        switch random.next() % 4 {
        case 0: text[position] = UInt8(truncatingIfNeeded: random.next())
        case 1: text.remove(at: position)
        case 2: text.insert(text[Int(random.next() % UInt64(text.count))], at: position)
        default: text[position] = Array(#"{}[]":,0-1e."#.utf8)[Int(random.next() % 12)]
        }
      }
      let environment = Environment(["CNI_COMMAND=ADD", "CNI_CONTAINERID=c", "CNI_NETNS=/nowhere", "CNI_IFNAME=e", "CNI_PATH=/none"])
      let outcome = PluginProcess(plugins: []).run(SamplePlugin.self, environment: environment) { text }
      let json = try JSONValue(parsing: Array(outcome.output.utf8))
      guard case .object(let object) = json else {
        Issue.record("not an object: \(outcome.output)")
        continue
      }
      #expect((object["code"] == nil) == (outcome.exitCode == 0), "\(String(decoding: text, as: UTF8.self))")
    }
  }
}

/// A random number generator whose numbers depend on its seed alone (Steele, Lea and Flood, 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
