/// Writes tar archives (ustar) entry by entry, sensible or not.
struct TarBuilder {
  private(set) var bytes: [UInt8] = []

  /// The whole archive with its end.
  var archive: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

  /// Adds an entry. `kind` is ustar's type: `0` file, `1` hard link, `2` symbolic link, `3` device, `5` folder, `x` attributes of the next.
  mutating func add(
    _ name: String, kind: Character = "0", content: String = "", target: String = "", mode: Int = 0o644, owner: Int = 0, device: Int = 0
  ) {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at start: Int) { for (offset, byte) in text.utf8.enumerated() { header[start + offset] = byte } }
    func octal(_ number: Int, _ digits: Int) -> String {
      let text = String(number, radix: 8)
      return String(repeating: "0", count: digits - text.count) + text
    }
    put(name, at: 0)
    put(octal(mode, 7), at: 100)
    put(octal(owner, 7), at: 108)
    put(octal(owner, 7), at: 116)
    put(octal(content.utf8.count, 11), at: 124)
    put(octal(1_700_000_000, 11), at: 136)
    header[156] = kind.asciiValue ?? 0
    put(target, at: 157)
    put("ustar\u{0}00", at: 257)
    put(octal(device >> 8, 7), at: 329)
    put(octal(device & 255, 7), at: 337)
    put("        ", at: 148)
    put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148)
    bytes += header + Array(content.utf8)
    bytes += [UInt8](repeating: 0, count: -content.utf8.count & 511)
  }

  /// Adds a member of the pax header of the next entry.
  mutating func addAttribute(_ key: String, _ value: String) {
    let rest = " \(key)=\(value)\n"
    var length = rest.utf8.count
    while "\(length)".utf8.count + rest.utf8.count != length { length = "\(length)".utf8.count + rest.utf8.count }
    add("PaxHeaders/next", kind: "x", content: "\(length)\(rest)")
  }
}
