internal import Glibc
internal import Linux

/// The root folder of a container, open: files are copied in and out of it, and no symbolic link in it leads out.
public struct ContainerRoot: ~Copyable {
  let file: OwnedFile

  /// The root of a running container, as its processes see it, volumes included.
  public init(ofProcess process: Int32) throws { file = try OwnedFile("/proc/\(process)/root", flags: [.place, .folder]) }

  /// A folder that is a container's root, with what is mounted in it.
  public init(folder: String, mounts: [Mounted] = []) throws {
    if mounts.isEmpty {
      file = try OwnedFile(folder, flags: [.place, .folder])
    } else {
      file = try MountedRoot(upper: folder).open(mounts)
    }
  }

  /// The root of a container that does not run: its layers (the topmost first) and its own changes, joined by a mount that nobody else sees,
  /// with what is mounted in it.
  public init(lower: [String], upper: String, work: String, mounts: [Mounted] = []) throws {
    file = try MountedRoot(lower: lower, upper: upper, work: work).open(mounts)
  }

  /// A folder or a file of the machine that is mounted in a container: a volume, for instance.
  public struct Mounted: Sendable {
    /// Its path on the machine.
    public let source: String
    /// The absolute path in the container.
    public let destination: String
    /// Whether nothing there may be changed.
    public let isReadOnly: Bool

    /// Names both places.
    public init(source: String, destination: String, isReadOnly: Bool) {
      self.source = source
      self.destination = destination
      self.isReadOnly = isReadOnly
    }
  }

  /// The same root once more.
  init(again other: borrowing ContainerRoot) throws { file = try other.again() }

  /// The machine's own files.
  static func ofMachine() throws -> ContainerRoot { try ContainerRoot(folder: "/") }

  /// Writes everything to a descriptor as a tar archive; what is mounted below stays out.
  public func export(to descriptor: Int32) throws {
    let output = try ContainerRoot.archive(descriptor), root = try OwnedFile(".", in: file, flags: [.readOnly, .folder])
    try TreePacker(output, .oneFileSystem).addContent(of: root)
    try output.finish()
  }

  static func archive(_ descriptor: Int32) throws -> ArchiveWriter {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw SystemError(.last, "write an archive") }
    return try ArchiveWriter(tar: OwnedFile(adopting: copy))
  }
}
