internal import CLinux
internal import Glibc
internal import Linux

/// The root folder of a container, open: files are copied in and out of it, and no symbolic link in it leads out.
public struct ContainerRoot: ~Copyable {
  let file: OwnedFile

  /// The root of a running container, as its processes see it, volumes included.
  public init(ofProcess process: Int32) throws { file = try OwnedFile("/proc/\(process)/root", flags: [.place, .folder]) }

  /// A folder that is a container's root.
  public init(folder: String) throws { file = try OwnedFile(folder, flags: [.place, .folder]) }

  /// The root of a container that does not run: its layers (the topmost first) and its own changes, joined by a mount that nobody else sees.
  public init(lower: [String], upper: String, work: String) throws {
    var names: [UnsafeMutablePointer<CChar>?] = lower.map { strdup($0) }
    defer { for name in names { free(name) } }
    let options = UserNamespace.isInitial ? "" : ",userxattr"
    let root = names.withUnsafeMutableBufferPointer { names in
      // A list of pointers to texts that nobody changes is one of pointers to constant texts.
      names.withMemoryRebound(to: UnsafePointer<CChar>?.self) { clinux_join_layers($0.baseAddress, Int32($0.count), upper, work, options) }
    }
    guard root >= 0 else { throw SystemError(Errno(rawValue: -root), "join the layers of a container with \(upper)") }
    file = OwnedFile(adopting: root)
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
