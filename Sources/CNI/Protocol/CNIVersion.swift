/// A version of the CNI specification, older before newer.
public enum CNIVersion: Int, CaseIterable, Sendable {
  /// 0.1.0
  case v010
  /// 0.2.0
  case v020
  /// 0.3.0: results with interfaces, chains of plugins.
  case v030
  /// 0.3.1
  case v031
  /// 0.4.0: CHECK, and `prevResult` on DEL.
  case v040
  /// 1.0.0: no `version` in addresses.
  case v100
  /// 1.1.0: GC and STATUS.
  case v110

  /// The newest version that we speak.
  public static var current: CNIVersion { .v110 }
  /// Every version that we speak.
  public static var supported: ClosedRange<CNIVersion> { .v010 ... .v110 }

  /// The version with the given number; nil for one that we do not speak.
  public init?(_ text: String) {
    guard let version = CNIVersion.allCases.first(where: { $0.description == text }) else { return nil }
    self = version
  }
}

extension CNIVersion: Comparable {
  /// Older before newer.
  public static func < (left: CNIVersion, right: CNIVersion) -> Bool { left.rawValue < right.rawValue }
}

extension CNIVersion: CustomStringConvertible {
  /// The number as configurations write it: `0.3.1`.
  public var description: String {
    switch self {
    case .v010: "0.1.0"
    case .v020: "0.2.0"
    case .v030: "0.3.0"
    case .v031: "0.3.1"
    case .v040: "0.4.0"
    case .v100: "1.0.0"
    case .v110: "1.1.0"
    }
  }
}
