import Linux

/// The open files of namespaces that a container joins.
final class NamespaceFiles {
  private var joined: [Int32] = []

  init(_ namespaces: Namespaces) throws(ContainerError) {
    do { for path in namespaces.joined { joined.append(try OwnedFile(path).release()) } } catch { throw .failed(error) }
  }

  deinit { for descriptor in joined { _ = OwnedFile(adopting: descriptor) } }

  /// For the init's structure.
  func lowered(into arena: Arena) -> (joined: UnsafePointer<Int32>, count: Int32) {
    (UnsafePointer(arena.list(joined)), Int32(joined.count))
  }
}
