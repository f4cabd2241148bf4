import CNI
import Linux

extension DNSConfiguration {
  /// What a resolv.conf(5) says: name servers, domain, search domains and options; search and options add up over lines.
  init(resolverFile path: String) throws(SystemError) {
    self.init(resolverText: String(decoding: try FileSystem.read(path, limit: 1 << 20), as: UTF8.self))
  }

  init(resolverText text: String) {
    var nameservers: [String] = [], search: [String] = [], options: [String] = []
    var domain: String?
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.split { $0 == " " || $0 == "\t" }.map { String($0) }
      // A word that begins with # or ; is no keyword, so comments fall through.
      guard words.count > 1 else { continue }
      switch words[0] {
      case "nameserver": nameservers.append(words[1])
      case "domain": domain = words[1]
      case "search": search += words.dropFirst()
      case "options": options += words.dropFirst()
      default: break
      }
    }
    func list(_ words: [String]) -> [String]? { words.isEmpty ? nil : words }
    self.init(nameservers: list(nameservers), domain: domain, search: list(search), options: list(options))
  }
}
