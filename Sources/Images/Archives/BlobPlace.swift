/// Where the files of an image archive are read from.
protocol BlobPlace: AnyObject {
  /// What messages call it.
  var name: String { get }
  /// Opens a file by its path; nil if there is none.
  func open(_ path: String) throws -> (any ByteSource)?
}

extension BlobPlace {
  /// A small file's whole content; nil if there is none.
  func content(_ path: String, limit: Int) throws -> [UInt8]? {
    guard let source = try open(path) else { return nil }
    guard let content = try source.content(limit: limit) else { throw ImageError(.badArchive, "\(path) is longer than \(limit) bytes") }
    return content
  }
}
