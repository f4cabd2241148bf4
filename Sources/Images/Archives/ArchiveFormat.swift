/// What `save` writes.
public enum ArchiveFormat: String, CaseIterable, Sendable {
  /// What `docker save` writes: `manifest.json`, `repositories`, and layers as they are.
  case docker
  /// An OCI image layout in a tar archive.
  case oci
}
