/// The random name that the kernel gives to each of its lives: `/proc/sys/kernel/random/boot_id`.
public struct BootIdentifier: Hashable, Sendable {
  /// The text, a UUID.
  public let text: String

  /// Makes an identifier of its text.
  public init(_ text: String) { self.text = text }

  /// The running kernel's.
  public static func current() throws(SystemError) -> BootIdentifier {
    let bytes = try FileSystem.read("/proc/sys/kernel/random/boot_id", limit: 4096)
    return BootIdentifier(String(decoding: bytes.prefix { $0 > 32 }, as: UTF8.self))
  }
}
