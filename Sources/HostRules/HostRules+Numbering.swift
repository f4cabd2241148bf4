import Addresses
import NFTables

extension HostRules {
  /// Keeps `single_address_ports` as the elements of `published_at` need it: for every port as many elements as holders, numbered from 0
  /// without gaps. Where one goes, the last one takes its number.
  mutating func number(added: [Entry], removed: [Entry], _ snapshot: inout Snapshot, _ changes: inout Changes) throws {
    var ports: [SingleAddressPort: (added: [String], removed: [String])] = [:]
    for entry in added {
      if let port = SingleAddressPort(entry) { ports[port, default: ([], [])].added.append(entry.element.comment ?? "") }
    }
    for entry in removed {
      if let port = SingleAddressPort(entry) { ports[port, default: ([], [])].removed.append(entry.element.comment ?? "") }
    }
    if ports.isEmpty { return }
    try snapshot.read(ports.keys.flatMap { [$0.place(0), $0.place(1)] }, from: &ruleset)
    for (port, change) in ports {
      let before = try holders(port, &snapshot)
      var after = before
      for holder in change.removed {
        guard let position = after.firstIndex(of: holder) else { continue }
        after.swapAt(position, after.count - 1)
        after.removeLast()
      }
      after += change.added
      for number in 0..<max(before.count, after.count) {
        let old = number < before.count ? before[number] : nil, new = number < after.count ? after[number] : nil
        if old == new { continue }
        if let old { changes.delete(port.entry(number, old)) }
        if let new { changes.add(port.entry(number, new)) }
      }
    }
  }

  /// Who publishes a port at one address, by label, in the order of their numbers.
  mutating func holders(_ port: SingleAddressPort, _ snapshot: inout Snapshot) throws -> [String] {
    var holders: [String] = []
    while true {
      try snapshot.read([port.place(holders.count)], from: &ruleset)
      guard let element = snapshot[port.place(holders.count)] else { return holders }
      holders.append(element.comment ?? "")
    }
  }
}
