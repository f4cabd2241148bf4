extension HostView {
  /// The namespaces that links join to the host, directly or through others.
  public var joinedNamespaces: Set<Int> {
    var joined: Set<Int> = [0], next: Set<Int> = [0]
    while !next.isEmpty {
      let found = peers.compactMap { next.contains($0.key.namespace) ? $0.value.namespace : nil }
      next = Set(found).subtracting(joined)
      joined.formUnion(next)
    }
    return joined
  }
}
