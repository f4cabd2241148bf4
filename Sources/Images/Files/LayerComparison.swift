internal import CLinux
internal import Glibc
internal import Linux

/// Compares an overlay's `upperdir` with the layers below it.
struct LayerComparison {
  /// What a name stands for in the layers below.
  private struct Below {
    /// The topmost file or folder; nil if the name is not there.
    var status: stat?
    /// The folders that lie on top of each other there, the topmost first.
    var folders: [String] = []
  }

  let mountPoints: Set<String>

  /// The changes in one folder; `lower` are the folders of the layers below that show through it.
  func changes(in folder: String, _ lower: [String], _ path: String) throws -> [FolderDifference] {
    var changes: [FolderDifference] = []
    var names = Set(try FileSystem.names(in: folder))
    // Below an opaque folder everything is gone that is not there anew.
    let isOpaque = OverlayMark.isOpaque(folder)
    if isOpaque { for layer in lower { names.formUnion(try FileSystem.names(in: layer)) } }
    for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      changes += try change(of: name, in: folder, lower, "\(path)/\(name)", isOpaque)
    }
    return changes
  }

  private func change(
    of name: String, in folder: String, _ lower: [String], _ path: String, _ isOpaque: Bool
  ) throws -> [FolderDifference] {
    let below = try below(name, lower)
    let found = try LayerComparison.status("\(folder)/\(name)")
    // A name that is no text is not found by what it was read as.
    if found == nil, name.unicodeScalars.contains("\u{FFFD}") { return [FolderDifference(kind: .added, path: path)] }
    guard let status = found, !OverlayMark.isWhiteout(status) else {
      return below.status == nil ? [] : [FolderDifference(kind: .deleted, path: path)]
    }
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    if try mountPoints.contains(path) && isEmpty("\(folder)/\(name)", status) { return [] }
    let inner = isFolder ? try changes(in: "\(folder)/\(name)", isOpaque ? [] : below.folders, path) : []
    // The runtime's mount points change the folder that they lie in.
    let holdsMountPoint = isFolder && inner.isEmpty && mountPoints.contains { $0.hasPrefix("\(path)/") }
    guard let old = below.status else {
      return holdsMountPoint ? [] : [FolderDifference(kind: .added, path: path)] + inner
    }
    if isFolder, inner.isEmpty, LayerComparison.isSame(status, old, withTime: !holdsMountPoint) { return [] }
    return [FolderDifference(kind: .changed, path: path)] + inner
  }

  private func below(_ name: String, _ lower: [String]) throws -> Below {
    var below = Below()
    for layer in lower {
      let place = "\(layer)/\(name)"
      guard let status = try LayerComparison.status(place) else { continue }
      if OverlayMark.isWhiteout(status) { break }
      if below.status == nil { below.status = status }
      guard status.st_mode & S_IFMT == S_IFDIR else { break }
      below.folders.append(place)
      if OverlayMark.isOpaque(place) { break }
    }
    if let status = below.status, status.st_mode & S_IFMT != S_IFDIR { below.folders = [] }
    return below
  }

  private func isEmpty(_ path: String, _ status: stat) throws -> Bool {
    status.st_mode & S_IFMT == S_IFDIR ? try FileSystem.names(in: path).isEmpty : status.st_size == 0
  }

  private static func isSame(_ left: stat, _ right: stat, withTime: Bool) -> Bool {
    guard left.st_mode == right.st_mode, left.st_uid == right.st_uid, left.st_gid == right.st_gid else { return false }
    return !withTime || left.st_mtim.tv_sec == right.st_mtim.tv_sec && left.st_mtim.tv_nsec == right.st_mtim.tv_nsec
  }

  private static func status(_ path: String) throws -> stat? {
    var status = stat()
    if lstat(path, &status) == 0 { return status }
    if Errno.last == .noEntry || Errno.last == .notDirectory { return nil }
    throw SystemError(.last, "stat \(path)")
  }
}
