import Addresses
public import CNI
import IPAM
import Linux

/// The `host-local` plugin: leases addresses of configured ranges, and keeps the leases in files on this host.
public struct HostLocalPlugin: Plugin {
  /// `host-local`
  public static let type = "host-local"

  let configuration: HostLocalConfiguration

  /// Decodes the keys.
  public init(_ request: PluginRequest) throws { configuration = try HostLocalConfiguration(request) }

  /// Leases an address of each range set.
  public func add(_ request: PluginRequest) throws -> CNIResult {
    do {
      // Read first, so that nothing is leased when it cannot be.
      let dns = try configuration.resolverFile.map { (path) throws(SystemError) in try DNSConfiguration(resolverFile: path) }
      var store = try LeaseStore(creating: configuration.leaseFolder, afterReboot: configuration.rebootPolicy)
      let leased = try store.allocate(for: LeaseOwner(request.attachment), from: configuration.plan, requesting: configuration.requested)
      return CNIResult(
        addresses: leased.map { ResultAddress($0.address, gateway: $0.gateway) }, routes: configuration.routes,
        dns: dns ?? DNSConfiguration())
    } catch { throw CNIError(error) }
  }

  /// Releases what the attachment has leased.
  public func delete(_ request: PluginRequest) throws {
    let known = try knownAddresses(request)
    guard var store = try LeaseStore(existing: configuration.leaseFolder, afterReboot: configuration.rebootPolicy) else { return }
    // If the previous result lacks an address of a set there may be leases that it does not tell of.
    try store.release(LeaseOwner(request.attachment), known: Set(known).count == configuration.plan.sets.count ? known : [])
  }

  /// Throws unless the attachment has leased each address that the previous result says it has; without one, unless it has leased any.
  public func check(_ request: PluginRequest) throws {
    let known = try knownAddresses(request), owner = LeaseOwner(request.attachment)
    let message = "host-local: Failed to find address added by container \(owner.containerID)"
    for address in known where try !LeaseStore.isLeased(address, to: owner, in: configuration.leaseFolder) {
      throw CNIError(.other, message, details: "\(address) is not leased to interface \(request.attachment.interfaceName) of it")
    }
    if !known.isEmpty { return }
    guard var store = try LeaseStore(existing: configuration.leaseFolder, afterReboot: configuration.rebootPolicy),
      try store.hasLease(owner)
    else { throw CNIError(.other, message) }
  }

  /// Throws code 50 if a range set has no address left, or leases cannot be written.
  public func status(_ request: PluginRequest) throws {
    do {
      if let path = configuration.resolverFile { _ = try DNSConfiguration(resolverFile: path) }
      try LeaseStore.checkWritable(configuration.leaseFolder)
      if let number = try exhaustedSet() {
        throw CNIError(.notAvailable, "no IP addresses available in range set \(number): \(configuration.plan.sets[number])")
      }
    } catch let error as SystemError {
      throw CNIError(.notAvailable, "addresses cannot be leased: \(error)")
    }
  }

  /// Releases the leases of attachments that are not valid any more.
  public func collectGarbage(_ request: PluginRequest) throws {
    guard var store = try LeaseStore(existing: configuration.leaseFolder, afterReboot: configuration.rebootPolicy) else { return }
    let failures = try store.collect(keeping: Set(request.validAttachments.map { LeaseOwner($0) })).failures
    if failures.isEmpty { return }
    throw CNIError(
      .inputOutput, "\(failures.count) leases could not be released",
      details: failures.prefix(10).map(\.description).joined(separator: "; "))
  }

  /// The addresses of the previous result that our ranges contain; others were added by somebody else.
  private func knownAddresses(_ request: PluginRequest) throws(CNIError) -> [IPAddress] {
    let addresses = try request.configuration.previousResult()?.addresses.map(\.address.address) ?? []
    return addresses.filter { address in configuration.plan.sets.contains { $0.pool(containing: address) != nil } }
  }

  private func exhaustedSet() throws(SystemError) -> Int? {
    guard var store = try LeaseStore(existing: configuration.leaseFolder, afterReboot: configuration.rebootPolicy) else {
      return configuration.plan.sets.firstIndex { !$0.hasAddresses }
    }
    return try store.exhaustedSet(of: configuration.plan)
  }
}

extension LeaseOwner {
  fileprivate init(_ attachment: Attachment) { self.init(containerID: attachment.containerID, ifname: attachment.interfaceName) }
}
