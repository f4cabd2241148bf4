/// The name of an image as docker writes it: `[domain/]path[:tag][@sha256:digest]`.
///
/// Without a domain it is `docker.io`, where a single word stands for `library/word`.
public struct ImageReference: Hashable, Sendable {
  /// The registry, perhaps with a port: `docker.io`.
  public let domain: String
  /// The repository in the registry: `library/busybox`.
  public let path: String
  /// The tag; nil if there is none, which means `latest` unless there is a digest.
  public let tag: String?
  /// `sha256:` and 64 hexadecimal digits.
  public let digest: String?

  /// Joins parts that are known to be valid.
  init(domain: String, path: String, tag: String?, digest: String?) {
    self.domain = domain
    self.path = path
    self.tag = tag
    self.digest = digest
  }

  /// Parses a name. The error says which part is wrong.
  public init(_ text: String) throws(ImageError) {
    var rest = Substring(text), digest: String?
    if let at = rest.firstIndex(of: "@") {
      digest = String(rest[rest.index(after: at)...])
      rest = rest[..<at]
      guard let digest, Digest(digest) != nil else {
        throw ImageReference.fault(text, "the digest is not sha256: and 64 hexadecimal digits")
      }
    }
    var tag: String?
    let slash = rest.lastIndex(of: "/") ?? rest.startIndex
    if let colon = rest[slash...].lastIndex(of: ":") {
      tag = String(rest[rest.index(after: colon)...])
      rest = rest[..<colon]
      guard let tag, ImageReference.isTag(tag) else {
        throw ImageReference.fault(text, "the tag is not 1 to 128 letters, digits, '_', '.' and '-', the first of them no '.' or '-'")
      }
    }
    let (domain, path) = ImageReference.split(String(rest))
    guard ImageReference.isDomain(domain) else { throw ImageReference.fault(text, "'\(domain)' is no host name") }
    guard path.utf8.allSatisfy({ !(65...90).contains($0) }) else { throw ImageReference.fault(text, "repository name must be lowercase") }
    guard path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(ImageReference.isComponent),
      domain.utf8.count + path.utf8.count < 255
    else { throw ImageReference.fault(text, "expected name[:tag][@digest]") }
    if Digest(hex: String(rest)) != nil { throw ImageReference.fault(text, "64 hexadecimal digits are an ID, not a name") }
    self.init(domain: domain, path: path, tag: tag, digest: digest)
  }

  /// The repository as docker prints it: `busybox`, `user/app`, `localhost:5000/app`.
  public var familiarName: String {
    guard domain == "docker.io" else { return "\(domain)/\(path)" }
    let bare = path.hasPrefix("library/") ? String(path.dropFirst(8)) : path
    return bare.contains("/") && path.hasPrefix("library/") ? path : bare
  }

  /// The same name with the tag `latest` if there is neither tag nor digest.
  public var tagged: ImageReference {
    tag == nil && digest == nil ? ImageReference(domain: domain, path: path, tag: "latest", digest: nil) : self
  }

  /// The whole name with its domain, by which an image is filed: `docker.io/library/busybox:latest`.
  public var canonical: String { "\(domain)/\(path)\(suffix)" }

  var suffix: String { (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "") }

  private static func fault(_ text: String, _ reason: String) -> ImageError {
    ImageError(.invalid, "invalid reference format: '\(text)': \(reason)")
  }

  private static func split(_ name: String) -> (domain: String, path: String) {
    var domain = "docker.io", path = name
    if let slash = name.firstIndex(of: "/") {
      let first = name[..<slash]
      if first == "localhost" || first.contains(where: { $0 == "." || $0 == ":" || $0.isUppercase }) {
        domain = String(first)
        path = String(name[name.index(after: slash)...])
      }
    }
    if domain == "index.docker.io" { domain = "docker.io" }
    if domain == "docker.io" && !path.contains("/") { path = "library/" + path }
    return (domain, path)
  }

  private static func isTag(_ tag: String) -> Bool {
    guard let first = tag.utf8.first, isWord(first) else { return false }
    return tag.utf8.count <= 128 && tag.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
  }

  private static func isDomain(_ domain: String) -> Bool {
    var host = Substring(domain)
    if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
      let port = host[host.index(after: colon)...]
      guard !port.isEmpty, port.utf8.allSatisfy({ (48...57).contains($0) }) else { return false }
      host = host[..<colon]
    }
    if host.hasPrefix("["), host.hasSuffix("]") {
      return host.dropFirst().dropLast().utf8.allSatisfy { isHexadecimal($0) || $0 == UInt8(ascii: ":") }
    }
    return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      !label.isEmpty && !label.hasPrefix("-") && !label.hasSuffix("-")
        && label.utf8.allSatisfy { (isWord($0) && $0 != UInt8(ascii: "_")) || $0 == UInt8(ascii: "-") }
    }
  }

  /// Runs of lower-case letters and digits, joined by one '.', one or two '_', or any number of '-'.
  private static func isComponent(_ component: Substring) -> Bool {
    var separator = ""
    guard let last = component.utf8.last, isLower(last) else { return false }
    for (position, character) in component.enumerated() {
      guard let byte = character.asciiValue else { return false }
      if isLower(byte) {
        guard separator.isEmpty || separator == "." || separator == "_" || separator == "__" || separator.allSatisfy({ $0 == "-" }) else {
          return false
        }
        separator = ""
      } else {
        guard position > 0, [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-")].contains(byte) else { return false }
        separator.append(character)
      }
    }
    return true
  }

  private static func isLower(_ byte: UInt8) -> Bool { (97...122).contains(byte) || (48...57).contains(byte) }
  private static func isWord(_ byte: UInt8) -> Bool { isLower(byte) || (65...90).contains(byte) || byte == UInt8(ascii: "_") }
  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (97...102).contains(byte) || (65...70).contains(byte)
  }
}

extension ImageReference: CustomStringConvertible {
  /// The name as docker prints it: `busybox:latest`.
  public var description: String { familiarName + suffix }
}
