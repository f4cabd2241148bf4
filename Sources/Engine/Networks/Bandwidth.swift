internal import JSON

/// The value of the capability `bandwidth`, as the bandwidth plugin has it: bits per second, and bits that may come at once.
struct Bandwidth {
  private var values: [(name: String, value: Int64)] = []

  /// What the option is called here, and what the capability calls it.
  private static let names = [
    "ingress-rate": "ingressRate", "ingress-burst": "ingressBurst", "egress-rate": "egressRate", "egress-burst": "egressBurst",
  ]

  /// Reads options `ingress-rate=10m`, numbers with k, m and g for powers of 1000. A rate without a burst gets the largest one.
  init(_ options: [String]) throws(EngineError) {
    for option in options {
      let key = String(option.prefix { $0 != "=" }), text = String(option.dropFirst(key.utf8.count + 1))
      guard let name = Bandwidth.names[key] else {
        throw EngineError("driver-opt \(option): expected \(Bandwidth.names.keys.sorted().joined(separator: ", "))", exitCode: 125)
      }
      guard let value = Bandwidth.number(text), key.hasSuffix("rate") || value <= Int64(UInt32.max) else {
        throw EngineError("driver-opt \(option): expected a number of bits, as 500k, 10m or 1g, got \"\(text)\"", exitCode: 125)
      }
      values.removeAll { $0.name == name }
      values.append((name, value))
    }
    for direction in ["ingress", "egress"] where has("\(direction)Rate") != has("\(direction)Burst") {
      guard has("\(direction)Rate") else {
        throw EngineError("driver-opt \(direction)-burst: expected \(direction)-rate, too", exitCode: 125)
      }
      values.append(("\(direction)Burst", Int64(Int32.max)))
    }
  }

  /// Whether nothing is asked for.
  var isEmpty: Bool { values.isEmpty }
  /// The capability's value; nil if nothing is asked for.
  var json: JSONValue? { isEmpty ? nil : .object(JSONObject(values.map { ($0.name, .integer($0.value)) })) }

  private func has(_ name: String) -> Bool { values.contains { $0.name == name } }

  private static func number(_ text: String) -> Int64? {
    var digits = Substring(text), factor: Int64 = 1
    if let unit = text.last, let power = ["k", "m", "g"].firstIndex(of: unit.lowercased()) {
      digits = text.dropLast()
      for _ in 0...power { factor *= 1000 }
    }
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(digits), number > 0 else { return nil }
    let (product, overflows) = number.multipliedReportingOverflow(by: factor)
    return overflows ? nil : product
  }
}
