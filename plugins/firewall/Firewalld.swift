import Addresses
import CNI

/// The running firewalld, by its D-Bus interface (firewalld.dbus(5)).
struct Firewalld {
  private static let service = "org.fedoraproject.FirewallD1"
  private static let zones = SystemBus.Interface(
    service: service, path: "/org/fedoraproject/FirewallD1", name: "org.fedoraproject.FirewallD1.zone")

  private let bus: SystemBus

  /// Asks whether it runs; an error if it does not.
  init() throws {
    guard let running = try Firewalld.ifRunning() else {
      throw CNIError(.other, "backend firewalld is configured, but firewalld is not running")
    }
    self = running
  }

  private init(bus: SystemBus) { self.bus = bus }

  /// nil if firewalld is not running: then it knows nothing of anybody.
  static func ifRunning() throws -> Firewalld? {
    let bus = SystemBus()
    do { return try bus.has(service) ? Firewalld(bus: bus) : nil } catch {
      if error.meansNoBus { return nil }
      throw error
    }
  }

  /// Has the zone take in what comes from the address. A source that is in it already is no error.
  func addSource(_ source: String, to zone: String) throws {
    do { try bus.call("addSource", [zone, source], of: Firewalld.zones) } catch {
      guard error.message.hasPrefix("ZONE_ALREADY_SET") else { throw error }
    }
  }

  /// Takes the address out of the zone. A source that is not in it, or a zone that is gone, is no error.
  func removeSource(_ source: String, from zone: String) throws {
    do { try bus.call("removeSource", [zone, source], of: Firewalld.zones) } catch {
      // firewalld tells its errors apart by the first word of the sentence.
      guard ["UNKNOWN_SOURCE", "ZONE_CONFLICT", "INVALID_ZONE"].contains(where: { error.message.hasPrefix($0) }) else { throw error }
    }
  }

  /// Whether the address is in the zone.
  func hasSource(_ source: String, in zone: String) throws -> Bool {
    try bus.call("querySource", [zone, source], of: Firewalld.zones)
  }
}
