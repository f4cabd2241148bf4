internal import Crypto
internal import Linux
internal import WireGuard

/// This host's WireGuard key, made here and kept over reboots: `<data folder>/<network>.key`, which only root may read. As text of wg(8): 32 bytes
/// in Base64.
struct HostKey {
  private(set) var privateKey: WireGuardPrivateKey
  private let path: String

  /// Reads the key, or makes one. A key that cannot be written down is another one after the next start.
  init(network: String, folder: String, _ log: Logger) {
    path = "\(folder)/\(network).key"
    do {
      if let text = try FileSystem.readIfPresent(path) {
        // An editor leaves the end of a line.
        let word = String(decoding: text.filter { $0 > 0x20 }, as: UTF8.self)
        if let bytes = Base64.decode(word), let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: bytes),
          let found = HostKey.describe(key)
        {
          privateKey = found
          return
        }
        log.warning("\(path) holds no WireGuard key, so this host makes a new one")
      }
    } catch { log.warning("the WireGuard key cannot be read, so this host makes a new one: \(error)") }
    privateKey = HostKey.make()
    save(log)
  }

  /// Makes another key: somebody else has this one.
  mutating func renew(_ log: Logger) {
    privateKey = HostKey.make()
    save(log)
  }

  private func save(_ log: Logger) {
    do {
      try FileSystem.createFolders(FileSystem.folder(of: path))
      try FileSystem.replace(path, content: Array((Base64.encode(privateKey.bytes) + "\n").utf8), mode: 0o600)
    } catch { log.warning("the WireGuard key cannot be written down: after a restart it will be another one: \(error)") }
  }

  private static func make() -> WireGuardPrivateKey {
    while true { if let key = describe(Curve25519.KeyAgreement.PrivateKey()) { return key } }
  }

  private static func describe(_ key: Curve25519.KeyAgreement.PrivateKey) -> WireGuardPrivateKey? {
    WireGuardKey(bytes: Array(key.publicKey.rawRepresentation)).flatMap {
      WireGuardPrivateKey(bytes: Array(key.rawRepresentation), publicKey: $0)
    }
  }
}
