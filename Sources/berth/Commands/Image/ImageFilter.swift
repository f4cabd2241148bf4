internal import Engine
internal import Glibc
internal import Images

/// What `image ls` is asked for: a name, and conditions of `--filter`.
struct ImageFilter {
  private let name: String?
  private var references: [String] = []
  private var labels: [String] = []
  private var isDangling: Bool?
  private var before: String?
  private var since: String?

  init(_ texts: [String], name: String?, _ store: ImageStore) throws {
    self.name = name
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1).map { String($0) }, value = parts.count == 2 ? parts[1] : ""
      switch value.isEmpty ? "" : parts[0] {
      case "reference": references.append(value)
      case "label": labels.append(value)
      case "dangling" where ["true", "1", "false", "0"].contains(value): isDangling = value == "true" || value == "1"
      case "before": before = try store.image(named: value).created
      case "since": since = try store.image(named: value).created
      default:
        throw EngineError(
          "invalid filter '\(text)': expected dangling=true|false, label=, reference=, before=IMAGE or since=IMAGE", exitCode: 125)
      }
    }
  }

  /// Whether an image is listed at all.
  func fits(_ image: Image) -> Bool {
    if let isDangling, isDangling != image.names.isEmpty { return false }
    guard labels.allSatisfy({ ContainerFilter.has(image.configuration.labels, $0) }) else { return false }
    if let before, image.created >= before { return false }
    if let since, image.created <= since { return false }
    return name == nil && references.isEmpty || !names(of: image).isEmpty
  }

  /// The names by which it is listed.
  func names(of image: Image) -> [String] {
    image.names.filter { text in
      let (repository, _) = ImageSummary.split(text)
      let fitsName = name.map {
        (try? ImageReference($0)).map { $0.familiarName == repository && ($0.tag == nil || $0.description == text) } ?? false
      }
      return fitsName ?? true
        && (references.isEmpty
          || references.contains { fnmatch($0, text, FNM_PATHNAME) == 0 || fnmatch($0, repository, FNM_PATHNAME) == 0 })
    }
  }
}
