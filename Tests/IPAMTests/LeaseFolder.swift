import Addresses
import Foundation
import IPAM
import Linux
import TestSupport

/// A lease folder on the disk, as a test fills it and looks into it; gone when the test ends.
final class LeaseFolder {
  /// What `dataDir` would be.
  let dataFolder: String
  /// The network's folder.
  let path: String

  /// `/var/tmp` is on a disk, where leases outlive the kernel.
  init(_ parent: String = "/var/tmp") throws {
    dataFolder = "\(parent)/leases-\(UUID().uuidString)"
    path = "\(dataFolder)/net"
    try FileSystem.createFolders(dataFolder)
  }

  deinit { try? FileManager.default.removeItem(atPath: dataFolder) }

  func store(_ policy: RebootPolicy = .reclaim, boot: String? = nil) throws -> LeaseStore {
    try LeaseStore(creating: path, afterReboot: policy, boot: boot.map { BootIdentifier($0) })
  }

  /// Leases addresses for `owner`, and tells them.
  @discardableResult
  func allocate(_ owner: LeaseOwner, _ plan: AddressPlan, _ requested: [String] = [], boot: String? = nil) throws -> [String] {
    var store = try store(boot: boot)
    return try store.allocate(for: owner, from: plan, requesting: requested.map(address)).map(\.address.address.description)
  }

  @discardableResult
  func release(_ owner: LeaseOwner, known: [String] = []) throws -> [String] {
    var store = try store()
    return try store.release(owner, known: known.map(address)).map(\.description)
  }

  /// The names in the folder that the reference host-local knows too.
  var visibleNames: [String] { get throws { try FileSystem.names(in: path).filter { !$0.hasPrefix(".") }.sorted() } }
  var leasedAddresses: [String] { get throws { try visibleNames.filter { IPAddress($0) != nil } } }
  var indexNames: [String] { get throws { try FileSystem.names(in: "\(path)/.index").sorted() } }

  func content(_ name: String) throws -> String { String(decoding: try FileSystem.read("\(path)/\(name)"), as: UTF8.self) }
  func write(_ name: String, _ content: String) throws {
    try FileSystem.createFolders(path)
    try FileSystem.replace("\(path)/\(name)", content: Array(content.utf8))
  }
  /// Changes a file's content without adding or removing a name.
  func overwrite(_ name: String, _ content: String) throws {
    try OwnedFile("\(path)/\(name)", flags: [.writeOnly, .truncate]).write(Array(content.utf8))
  }
  func remove(_ name: String) throws { try FileSystem.remove("\(path)/\(name)") }
}

func address(_ text: String) throws -> IPAddress {
  guard let address = IPAddress(text) else { throw SystemError(.invalid, text) }
  return address
}

/// A pool of `subnet`, `first` and `last` as configurations have them.
func pool(_ subnet: String, _ first: String? = nil, _ last: String? = nil, gateway: String? = nil) throws -> AddressPool {
  guard let network = Subnet(subnet) else { throw SystemError(.invalid, subnet) }
  return try AddressPool(
    subnet: network, first: first.map(address), last: last.map(address), gateway: gateway.map(address))
}

/// A plan with one set for each list of pools.
func plan(_ sets: [AddressPool]...) throws -> AddressPlan { try AddressPlan(sets.map { try RangeSet($0) }) }

func owner(_ containerID: String, _ ifname: String? = "eth0") -> LeaseOwner { LeaseOwner(containerID: containerID, ifname: ifname) }
