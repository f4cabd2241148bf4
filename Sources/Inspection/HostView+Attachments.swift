public import CNI
internal import Linux

extension HostView {
  /// What runtimes remember of a namespace's attachments.
  public func attachments(in namespace: NamespaceView) -> [CachedAttachment] {
    attachments.filter { (try? FileIdentity(path: $0.request.networkNamespacePath)) == namespace.identity }
  }
}
