import Addresses
import CNI
import Linux
public import Overlay

/// An overlay that somebody has written down: `{"config": {"Network": …}, "peers": [{"subnet": …, "publicAddress": …}, …]}`, the same on all
/// hosts. Each host finds its own lease by its public address.
public struct StaticStore: LeaseStore {
  private let path: String

  /// A store in a file.
  public init(_ path: String) { self.path = path }

  /// `static:/etc/overlay.json`
  public var description: String { "static:\(path)" }

  /// The member `config`.
  public func configuration() async throws(StoreError) -> OverlayNetworkConfiguration { try read().configuration }

  /// The member `peers`.
  public func contents() async throws(StoreError) -> StoreContents { try read().contents }

  /// Succeeds if the file gives the lease's networks to one of its public addresses, and has its WireGuard key.
  public func claim(_ lease: Lease, replacing expected: Lease?) async throws(StoreError) {
    let leases = try read().contents.leases
    guard leases.contains(where: { $0.key == lease.key && $0.publicAddresses.allSatisfy(lease.publicAddresses.contains) }) else {
      let addresses = lease.publicAddresses.map(\.description).joined(separator: " and ")
      let isListed = leases.contains { !$0.publicAddresses.isEmpty && $0.publicAddresses.allSatisfy(lease.publicAddresses.contains) }
      if isListed, let other = leases.first(where: { $0.overlaps(lease) }) { throw .taken(by: other) }
      throw .refused("\(path): none of its peers has the public address \(addresses)")
    }
    if let key = lease.wireguardKey, let listed = leases.first(where: { $0.key == lease.key }), listed.wireguardKey != key {
      throw .refused("\(path): the peer \(lease.key) is expected to have the wireguardKey \(key), got \(listed.wireguardKey ?? "none")")
    }
  }

  /// The file is somebody else's: does nothing.
  public func release(_ lease: Lease) async throws(StoreError) {}

  /// Watches the file by inotify.
  public func events() -> AsyncStream<StoreEvent> {
    AsyncStream { continuation in
      let end = WakeUp()
      continuation.onTermination = { _ in end.signal() }
      let report: @Sendable (StoreEvent) -> Void = { continuation.yield($0) }
      BackgroundThread.start { follow(until: end, report) }
    }
  }

  private func follow(until end: WakeUp, _ report: (StoreEvent) -> Void) {
    var known: StoreContents?
    var isOver = false
    while !isOver {
      do throws(SystemError) {
        let watch = try FileWatch(path)
        while !isOver {
          known = reread(known, report)
          isOver = WakeUp.wait(for: [end.descriptor, watch.descriptor], milliseconds: 2000)[0]
          watch.acknowledge()
        }
      } catch {
        report(.failed(StoreError(error)))
        isOver = WakeUp.wait(for: [end.descriptor], milliseconds: 2000)[0]
      }
    }
  }

  private func reread(_ known: StoreContents?, _ report: (StoreEvent) -> Void) -> StoreContents? {
    do throws(StoreError) {
      let contents = try read().contents
      report(known.map { contents.event(since: $0) ?? .contact } ?? .contents(contents))
      return contents
    } catch {
      report(.failed(error))
      return nil
    }
  }

  private func read() throws(StoreError) -> (configuration: OverlayNetworkConfiguration, contents: StoreContents) {
    let text: [UInt8]
    do { text = try FileSystem.read(path, limit: 1 << 24) } catch { throw StoreError(error) }
    do {
      let fields = try ConfigurationObject(parsing: text)
      guard let member = try fields.object("config") else { throw CNIError(missingField: "config", expected: "the overlay's network") }
      let configuration = try OverlayNetworkConfiguration(member)
      var contents = StoreContents()
      for peer in try fields.objects("peers") ?? [] {
        var lease = try Lease(peer)
        if try peer.string("datapath") == nil { lease.dataPath = configuration.dataPath }
        contents.leases.append(lease)
      }
      return (configuration, contents)
    } catch let error as CNIError { throw .refused("\(path): \(error.message)") } catch { throw .refused("\(path): \(error)") }
  }
}
