internal import Glibc
internal import Linux

extension ImageStore {
  /// Loads the images of a docker archive, an OCI archive (files, also compressed) or an OCI layout (a folder).
  public func load(_ path: String) throws -> [ImageChange] {
    if FileSystem.isFolder(path) { return try naming(path) { try load(LayoutFolder(path)) } }
    return try load(OwnedFile(path), name: path)
  }

  /// Loads the images of an archive that is read from a descriptor, which may be a pipe.
  public func load(reading descriptor: Int32) throws -> [ImageChange] {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw SystemError(.last, "read descriptor \(descriptor)") }
    return try load(OwnedFile(adopting: copy), name: "")
  }

  private func load(_ file: consuming OwnedFile, name: String) throws -> [ImageChange] {
    var status = stat()
    guard fstat(file.descriptor, &status) == 0 else { throw SystemError(.last, "stat \(name)") }
    var start = [UInt8](repeating: 0, count: 8)
    let isPlain = status.st_mode & S_IFMT == S_IFREG && lseek(file.descriptor, 0, SEEK_CUR) == 0
    if isPlain { pread(file.descriptor, &start, 8, 0) }
    let file = isPlain && !ImageStore.isCompressed(start) ? file : try spool(file)
    let archive: LayoutArchive
    do { archive = try LayoutArchive(file, name: name) } catch let error as ImageError {
      throw ImageError(.badArchive, "\(name.isEmpty ? "the archive" : name): \(error.description)")
    }
    return try naming(name.isEmpty ? "the archive" : name) { try load(archive) }
  }

  /// Says which archive an error is about.
  private func naming<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as ImageError { throw ImageError(error.kind, "\(name): \(error.description)") }
  }

  /// gzip, bzip2, xz and zstd, by their first bytes.
  private static func isCompressed(_ start: [UInt8]) -> Bool {
    [[0x1F, 0x8B], [0x42, 0x5A, 0x68], [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], [0x28, 0xB5, 0x2F, 0xFD]].contains { start.starts(with: $0) }
  }

  /// The decompressed content of a file or a pipe, in a file that nobody sees and that goes with its descriptor.
  private func spool(_ file: consuming OwnedFile) throws -> OwnedFile {
    try FileSystem.createFolders(folder, mode: 0o700)
    let source = try DecompressedSource(FileSource(file))
    let spool = try OwnedFile(folder, flags: [.readWrite, .unnamed], mode: 0o600)
    var offset: Int64 = 0
    try withUnsafeTemporaryAllocation(byteCount: 1 << 17, alignment: 16) { buffer in
      while true {
        let count = try source.read(into: buffer)
        if count == 0 { return }
        try spool.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: offset)
        offset += Int64(count)
      }
    }
    return spool
  }

  private func load(_ place: any BlobPlace) throws -> [ImageChange] {
    guard let images = try DockerArchive(place: place).images() ?? OCILayout(place: place).images() else {
      throw ImageError(.badArchive, "it is no image archive: it has neither manifest.json nor index.json")
    }
    return try using {
      for image in images { try unpack(image, from: place) }
      return try register(images)
    }
  }

  private func unpack(_ image: ArchivedImage, from place: any BlobPlace) throws {
    var below: [Digest] = []
    for (layer, difference) in zip(image.layers, image.configuration.differences) {
      let chain = LayerStore.chain(difference, on: below.last)
      if try layers.record(chain) == nil {
        guard let blob = try place.open(layer.path) else {
          throw ImageError(.badArchive, "layer \(layer.name): there is no file '\(layer.path)'")
        }
        do { try unpack(blob, layer, on: below, difference) } catch let error as ImageError {
          throw ImageError(.badArchive, "layer \(layer.name): \(error.description)")
        } catch let error as SystemError { throw SystemError(error.code, "layer \(layer.name): \(error.operation)") }
      }
      below.append(chain)
    }
    try FileSystem.replace(configurationFile(image.configuration.id), content: image.configuration.bytes, mode: 0o600)
  }

  private func unpack(_ blob: any ByteSource, _ layer: ArchivedImage.Layer, on below: [Digest], _ difference: Digest) throws {
    guard let digest = layer.digest else { return _ = try layers.add(blob, on: below, expected: difference) }
    let source = VerifiedSource(blob, digest: digest, size: layer.size, name: "blob \(layer.path)")
    _ = try layers.add(source, on: below, expected: difference, verify: source.verify)
  }

  private func register(_ images: [ArchivedImage]) throws -> [ImageChange] {
    try change { index in
      var changes: [ImageChange] = []
      for image in images {
        let id = image.configuration.id
        index.images.insert(id)
        for name in image.names {
          index.names[name.canonical] = id
          if let manifest = image.manifest { index.manifests["\(name.domain)/\(name.path)@\(manifest)"] = id }
          changes.append(.loaded(name: name.description))
        }
        if image.names.isEmpty { changes.append(.loadedID(id.description)) }
      }
      return changes
    }
  }
}
