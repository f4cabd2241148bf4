import Addresses
import CNI
import JSON
import Linux

/// A plugin that decodes every kind of field and changes nothing but one file: ADD writes `marker`, so that a test sees that work was done.
struct SamplePlugin: Plugin {
  static var type: String { "sample" }
  private let result: CNIResult
  private let marker: String?
  private let ipamType: String?

  init(_ request: PluginRequest) throws {
    let fields = request.configuration.fields
    if let code = try fields.integer("fail") { throw CNIError(CNIErrorCode(rawValue: code), "told to fail") }
    _ = try fields.bool("flag")
    _ = try fields.integer("number", in: 0...65535)
    _ = try fields.string("text")
    _ = try fields.strings("texts")
    _ = try fields.address("address")
    _ = try fields.subnet("subnet")
    for set in try fields.list("ranges") ?? [] {
      for range in try set.list() { _ = try range.object().subnet("subnet") }
    }
    _ = try request.arguments.values(known: ["MAC", "IP"])
    _ = try fields.mac("mac") ?? request.configuration.runtimeConfig().mac("mac") ?? request.configuration.arguments().mac("mac")
    _ = try request.configuration.dns()
    ipamType = try request.configuration.ipamType()
    marker = try fields.string("marker")
    if let answer = try fields.object("answer") {
      result = try CNIResult(answer, version: .current)
    } else {
      result = try request.configuration.previousResult() ?? CNIResult()
    }
  }

  func add(_ request: PluginRequest) throws -> CNIResult {
    if let marker { try FileSystem.create(marker, content: []) }
    guard let ipamType else { return result }
    return try Delegate(ipamType, for: request).addAddresses()
  }

  func delete(_ request: PluginRequest) throws { if let ipamType { try Delegate(ipamType, for: request).delete() } }
  func check(_ request: PluginRequest) throws { if let ipamType { try Delegate(ipamType, for: request).check() } }
  func status(_ request: PluginRequest) throws { if let ipamType { try Delegate(ipamType, for: request).status() } }
  func collectGarbage(_ request: PluginRequest) throws { if let ipamType { try Delegate(ipamType, for: request).collectGarbage() } }
}

/// A plugin that takes no arguments, and speaks only 0.4.0 and newer.
struct RecentPlugin: Plugin {
  static var type: String { "recent" }
  static var supportedVersions: ClosedRange<CNIVersion> { .v040 ... .v110 }

  init(_ request: PluginRequest) {}
  func add(_ request: PluginRequest) -> CNIResult { CNIResult(addresses: [ResultAddress(Subnet(host: IPAddress(.v4, 0x0A01_0203)))]) }
  func delete(_ request: PluginRequest) {}
  func check(_ request: PluginRequest) {}
}

/// A plugin whose failures are not CNI errors.
struct FailingPlugin: Plugin {
  struct Complaint: Error, CustomStringConvertible { let description: String }
  static var type: String { "failing" }

  init(_ request: PluginRequest) {}
  func add(_ request: PluginRequest) throws -> CNIResult { throw SystemError(.noSpace, "write /run/x") }
  func delete(_ request: PluginRequest) throws { throw Complaint(description: "create bridge br1: Invalid argument") }
  func check(_ request: PluginRequest) throws { throw CNIError(CNIErrorCode(rawValue: 123), "changed", details: "mtu") }
}
