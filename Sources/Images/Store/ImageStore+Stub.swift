extension ImageStore {
  /// The image with that name, ID, or unambiguous start of an ID. The error for an unknown one names near matches.
  public func image(named name: String) throws -> Image { throw ImageError(.unknownImage, "Unable to find image '\(name)' locally") }

  /// All images, the youngest first.
  public func images() throws -> [Image] { [] }

  /// Loads the images of a docker archive, an OCI archive (files, also compressed) or an OCI layout (a folder).
  public func load(_ path: String) throws -> [ImageChange] { [] }

  /// Loads the images of an archive that is read from a descriptor, which may be a pipe.
  public func load(reading descriptor: Int32) throws -> [ImageChange] { [] }

  /// Makes an image of one layer from a tar archive that is read from a descriptor; returns its ID.
  public func importRoot(reading descriptor: Int32, name: ImageReference?, changes: [String], message: String) throws -> String { "" }

  /// Makes an image from a folder; returns its ID.
  public func importRoot(folder: String, name: ImageReference?, changes: [String], message: String) throws -> String { "" }

  /// Gives an image one more name; an image that had that name loses it.
  public func tag(_ name: String, as newName: ImageReference) throws {}

  /// Removes a name, and the image with it if it was the last one. `users` tells which containers were made from an image ID.
  public func remove(_ name: String, isForced: Bool, users: (String) throws -> [ImageUser]) throws -> [ImageChange] { [] }

  /// Removes images without names, or all that no container uses; returns what went and how many bytes that freed.
  public func prune(all: Bool, users: (String) throws -> [ImageUser]) throws -> (changes: [ImageChange], bytes: Int) { ([], 0) }

  /// Writes images to a descriptor as one archive.
  public func save(_ names: [String], as format: ArchiveFormat, to descriptor: Int32) throws {}

  /// Makes an image of a container: its image's layers and one with the container's changes on top; returns its ID.
  public func commit(_ commit: ContainerCommit) throws -> String { "" }
}
