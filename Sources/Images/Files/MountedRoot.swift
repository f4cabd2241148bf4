internal import CImages
internal import Glibc
internal import Linux

/// The root of a container that does not run, put together by mounts that nobody else ever sees.
struct MountedRoot {
  /// The layers, the topmost first; none if `upper` is the whole root.
  var lower: [String] = []
  let upper: String
  var work = ""

  /// Its root folder. What is missing on the way to a mount's destination is made, as a start would do; that stays.
  func open(_ mounts: [ContainerRoot.Mounted]) throws -> OwnedFile {
    // One destination may lie in another.
    let mounts = mounts.sorted { $0.destination < $1.destination }
    if !mounts.isEmpty {
      let root = try open(bindings: [])
      for mount in mounts { try make(mount, in: root) }
    }
    return try open(bindings: mounts)
  }

  private func make(_ mount: ContainerRoot.Mounted, in root: borrowing OwnedFile) throws {
    let path = try EntryPath(String(mount.destination.drop { $0 == "/" }))
    if path.isRoot { throw ImageError(.path, "'\(mount.source)' is mounted on the root itself") }
    do { _ = try OwnedFile(path.relative, in: root, scope: .inRoot, flags: [.place]) } catch {
      guard error.code == .noEntry else { throw SystemError(error.code, "look up \(mount.destination) in the container") }
      let writer = TreeWriter(try OwnedFile(".", in: root, flags: [.place, .folder]), links: .inRoot)
      if FileSystem.isFolder(mount.source) {
        _ = try writer.folder(path)
      } else {
        let flags: OpenFlags = [.writeOnly, .create, .exclusive, .noFollow]
        _ = try OwnedFile(path.name, in: OwnedFile("/proc/self/fd/\(writer.folder(path.folder))", flags: [.place, .folder]), flags: flags)
      }
    }
  }

  private func open(bindings: [ContainerRoot.Mounted]) throws -> OwnedFile {
    let names = CStrings(lower), sources = CStrings(bindings.map(\.source)), targets = CStrings(bindings.map(\.destination))
    let pairs = bindings.indices.map {
      cimages_binding(source: sources.pointers[$0], target: targets.pointers[$0], read_only: bindings[$0].isReadOnly ? 1 : 0)
    }
    let options = UserNamespace.isMachineRoot ? "" : ",userxattr"
    let root = names.pointers.withUnsafeBufferPointer { lower in
      upper.withCString { upper in
        work.withCString { work in
          options.withCString { options in
            var layers = cimages_layers(lower: lower.baseAddress, count: Int32(lower.count), upper: upper, work: work, options: options)
            return cimages_open_root(&layers, pairs, Int32(pairs.count))
          }
        }
      }
    }
    guard root >= 0 else {
      let what = bindings.isEmpty ? "" : " and what is mounted in it"
      throw SystemError(Errno(rawValue: -root), "put together the root of a container with \(upper)\(what)")
    }
    return OwnedFile(adopting: root)
  }
}

/// Copies of texts for C, which live as long as this.
private final class CStrings {
  let pointers: [UnsafePointer<CChar>?]

  init(_ texts: [String]) { pointers = texts.map { strdup($0).map { UnsafePointer($0) } } }

  deinit { for pointer in pointers { free(UnsafeMutablePointer(mutating: pointer)) } }
}
