/// A device node in a container's /dev.
public struct Device: Sendable, Equatable {
  /// Character by character or in blocks.
  public enum Kind: Sendable {
    /// A stream of characters.
    case character
    /// A disk.
    case block
  }

  /// Its path in the container.
  public let path: String
  /// What it is.
  public let kind: Kind
  /// The driver's number.
  public let major: UInt32
  /// The number among the driver's devices.
  public let minor: UInt32
  /// Who may use it, without the file's type.
  public let permissions: UInt32

  /// Describes a device; everybody may read and write it unless `permissions` say otherwise.
  public init(_ path: String, _ kind: Kind = .character, major: UInt32, minor: UInt32, permissions: UInt32 = 0o666) {
    self.path = path
    self.kind = kind
    self.major = major
    self.minor = minor
    self.permissions = permissions
  }

  /// What every container has (OCI runtime specification, "Default Devices"); /dev/console and /dev/ptmx are made with the terminals.
  static let standard = [
    Device("/dev/null", major: 1, minor: 3),
    Device("/dev/zero", major: 1, minor: 5),
    Device("/dev/full", major: 1, minor: 7),
    Device("/dev/random", major: 1, minor: 8),
    Device("/dev/urandom", major: 1, minor: 9),
    Device("/dev/tty", major: 5, minor: 0),
  ]
}
