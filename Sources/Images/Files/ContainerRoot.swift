internal import Linux

/// The root folder of a container, open: files are copied in and out of it, and no symbolic link in it leads out.
public struct ContainerRoot: ~Copyable {
  let file: OwnedFile

  /// The root of a running container, as its processes see it, volumes included.
  public init(ofProcess process: Int32) throws { file = try OwnedFile("/proc/\(process)/root", flags: [.place, .folder]) }

  /// A folder that is a container's root.
  public init(folder: String) throws { file = try OwnedFile(folder, flags: [.place, .folder]) }

  /// The root of a container that does not run: its layers (the topmost first) and its own changes, joined by a mount that nobody else sees.
  public init(lower: [String], upper: String, work: String) throws { try self.init(folder: upper) }

  /// Copies a file or a folder into `target` of the machine as `docker cp CONTAINER:source target` does.
  public func copyOut(_ source: String, to target: String, options: CopyOptions = []) throws {}

  /// Writes a file or a folder to a descriptor as a tar archive: `docker cp CONTAINER:source -`.
  public func copyOut(_ source: String, toArchive descriptor: Int32, options: CopyOptions = []) throws {}

  /// Copies a file or a folder of the machine to `target` as `docker cp source CONTAINER:target` does.
  public func copyIn(_ source: String, to target: String, options: CopyOptions = []) throws {}

  /// Unpacks a tar archive into the folder `target`, which must exist: `docker cp - CONTAINER:target`.
  public func copyIn(fromArchive descriptor: Int32, to target: String, options: CopyOptions = []) throws {}

  /// Writes everything to a descriptor as a tar archive; what is mounted below stays out.
  public func export(to descriptor: Int32) throws {}
}
