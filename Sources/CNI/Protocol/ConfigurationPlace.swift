/// Where a value stands in a configuration. It is put into words only when something is wrong with the value: a list of ports has thousands.
struct ConfigurationPlace {
  /// The path of what the value is in.
  private let container: String
  /// Its position in that, if that is a list.
  private let index: Int?
  /// Its name in that or, if that is a list, in its element.
  private let key: String

  /// A value at the given path, or the configuration itself.
  init(path: String) { self.init(container: path, index: nil, key: "") }

  private init(container: String, index: Int?, key: String) {
    self.container = container
    self.index = index
    self.key = key
  }

  /// `ipam.ranges[0][1].subnet`; empty for the configuration itself.
  var path: String {
    let outer = index.map { "\(container)[\($0)]" } ?? container
    return outer.isEmpty || key.isEmpty ? outer + key : "\(outer).\(key)"
  }

  /// The place of a member.
  func member(_ name: String) -> ConfigurationPlace {
    ConfigurationPlace(container: key.isEmpty ? container : path, index: key.isEmpty ? index : nil, key: name)
  }

  /// The places of the elements of the list that stands here.
  func elements(_ count: Int) -> [ConfigurationPlace] {
    let container = path
    return (0..<count).map { ConfigurationPlace(container: container, index: $0, key: "") }
  }
}
