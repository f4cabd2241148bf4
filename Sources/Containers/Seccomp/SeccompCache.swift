import CSeccomp
import Glibc
import Linux

/// Compiled filters in a folder, because compiling one takes longer than creating a container: some 10 ms.
///
/// A file's name is a fingerprint of everything that the filter follows from. The folder must be one that only its owner can write to.
struct SeccompCache {
  let folder: String

  /// The filter for a profile, from the folder or compiled and put there.
  func filter(for profile: SeccompProfile) throws(ContainerError) -> SeccompFilter {
    let path = "\(folder)/\(SeccompCache.fingerprint(of: profile))"
    if let instructions = cached(path) { return SeccompFilter(instructions: instructions, flags: profile.flags) }
    let filter = try SeccompFilter(profile)
    // Without a place to keep it, it is compiled again the next time.
    try? FileSystem.createFolders(folder, mode: 0o700)
    try? FileSystem.replace(path, content: filter.instructions.withUnsafeBytes { Array($0) }, mode: 0o600)
    return filter
  }

  /// The filter in a file, unless others might have written it.
  private func cached(_ path: String) -> [sock_filter]? {
    guard let file = try? OwnedFile(path, flags: [.readOnly, .noFollow, .nonBlocking]) else { return nil }
    var status = stat()
    guard fstat(file.descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(), status.st_mode & 0o022 == 0,
      let bytes = try? file.readToEnd(limit: 1 << 20), !bytes.isEmpty, bytes.count % MemoryLayout<sock_filter>.size == 0
    else { return nil }
    return SeccompFilter.instructions(bytes)
  }

  /// Names the rules, the library that compiles them and the kernel that it asks what it can.
  private static func fingerprint(of profile: SeccompProfile) -> String {
    var print = Fingerprint()
    let version = seccomp_version().pointee
    print.add(UInt64(version.major) << 32 | UInt64(version.minor) << 16 | UInt64(version.micro))
    print.add(UInt64(seccomp_api_get()))
    print.add(profile.defaultAction)
    for architecture in profile.architectures { print.add(architecture) }
    for rule in profile.rules {
      print.add(rule.action)
      for name in rule.names { print.add(name) }
      for argument in rule.arguments { print.add(argument) }
    }
    return print.text
  }
}

/// A number of 128 bits that differs for different input: two FNV-1a of 64 bits with different beginnings.
private struct Fingerprint {
  private var halves: (UInt64, UInt64) = (0xcbf2_9ce4_8422_2325, 0x6c62_272e_07bb_0142)

  mutating func add(_ byte: UInt8) {
    halves.0 = (halves.0 ^ UInt64(byte)) &* 0x100_0000_01b3
    halves.1 = (halves.1 ^ UInt64(byte)) &* 0x100_0000_01b3
  }

  mutating func add(_ number: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> shift)) }
  }

  mutating func add(_ text: String) {
    for byte in text.utf8 { add(byte) }
    add(UInt8(0))
  }

  mutating func add(_ action: SeccompProfile.Action) { add(UInt64(SeccompFilter.number(action))) }

  mutating func add(_ argument: SeccompProfile.Argument) {
    let test = SeccompFilter.comparison(argument)
    add(UInt64(test.arg) << 32 | UInt64(test.op.rawValue))
    add(test.datum_a)
    add(test.datum_b)
  }

  var text: String {
    func hexadecimal(_ number: UInt64) -> String {
      let digits = String(number, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
    return hexadecimal(halves.0) + hexadecimal(halves.1)
  }
}
