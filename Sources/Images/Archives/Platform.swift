internal import Glibc

/// What kind of machine an image is for, as registries name it.
enum Platform {
  /// GOARCH's word for this machine.
  static let architecture: String = {
    var name = utsname()
    guard uname(&name) == 0 else { return "amd64" }
    let machine = withUnsafeBytes(of: &name.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return ["x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "armv6l": "arm", "i686": "386"][machine] ?? machine
  }()

  /// `linux/amd64`
  static var current: String { "linux/\(architecture)" }

  /// How well an image for a platform runs here: 0 not at all, else the more the better.
  static func fit(_ platform: String) -> Int {
    if platform == current { return 4 }
    // 64-bit ARM is always v8; of the variants of 32 bits, the older ones run on the newer machines.
    guard platform.hasPrefix("\(current)/") else { return 0 }
    switch (architecture, platform.dropFirst(current.count + 1)) {
    case ("arm64", "v8"), ("arm", "v7"), ("amd64", "v1"): return 3
    case ("arm", "v6"): return 2
    case ("arm", "v5"): return 1
    default: return 0
    }
  }
}
