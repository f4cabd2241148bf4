/// Device files that may be used: a kind, numbers and ways to use them.
public struct DeviceRule: Equatable, Sendable {
  /// The kind of device file, with the letter that mknod(1) uses.
  public enum Kind: Character, Sendable {
    case character = "c"
    case block = "b"
  }

  /// Ways to use a device file.
  public struct Access: OptionSet, Sendable {
    /// Bits of our own.
    public let rawValue: UInt8
    /// Makes a set of bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `r`
    public static let read = Access(rawValue: 1)
    /// `w`
    public static let write = Access(rawValue: 2)
    /// `m`: mknod(2)
    public static let create = Access(rawValue: 4)
    /// `rwm`
    public static let all: Access = [.read, .write, .create]

    /// Reads letters out of `rwm`; nil if there is any other, or none.
    public init?(letters: String) {
      var access: Access = []
      for letter in letters {
        switch letter {
        case "r": access.insert(.read)
        case "w": access.insert(.write)
        case "m": access.insert(.create)
        default: return nil
        }
      }
      if access.isEmpty { return nil }
      self = access
    }

    var letters: String { (contains(.read) ? "r" : "") + (contains(.write) ? "w" : "") + (contains(.create) ? "m" : "") }
  }

  /// Character or block device.
  public let kind: Kind
  /// The major number; nil for any.
  public let major: UInt32?
  /// The minor number; nil for any.
  public let minor: UInt32?
  /// What is allowed.
  public let access: Access

  /// Allows `access` to the devices with these numbers; nil means any number.
  public init(_ kind: Kind, major: UInt32? = nil, minor: UInt32? = nil, access: Access = .all) {
    self.kind = kind
    self.major = major
    self.minor = minor
    self.access = access
  }

  /// As `devices.allow` reads it: `c 1:3 rwm`.
  var text: String { "\(kind.rawValue) \(major.map { "\($0)" } ?? "*"):\(minor.map { "\($0)" } ?? "*") \(access.letters)" }
}
