import Glibc
import Linux

/// A cgroup whose folders are being made, one hierarchy after the other.
struct CgroupDraft {
  let name: String
  private(set) var folders: [String] = []
  private var hierarchies: [CgroupHierarchy] = []
  /// Why a controller cannot be used.
  var failures: [CgroupController: SystemError] = [:]

  init(name: String) { self.name = name }

  var cgroup: Cgroup { Cgroup(folders: folders, hierarchies: hierarchies) }

  /// Makes the folder in a hierarchy, or remembers why this user may not.
  mutating func make(in hierarchy: CgroupHierarchy) throws(CgroupError) {
    let folder = "\(hierarchy.base)/\(name)"
    do throws(SystemError) {
      try CgroupDraft.makeFolder(folder)
      folders.append(folder)
      hierarchies.append(hierarchy)
      if hierarchy.version == .two { try enableControllers(in: hierarchy) }
      if hierarchy.controllers.contains(.cpuSet) { try CgroupDraft.inheritCPUSet(from: hierarchy.base, to: name) }
    } catch {
      guard [.accessDenied, .notPermitted, .readOnly].contains(error.code) else {
        throw error.code == .busy ? CgroupError("the cgroup \(folder) is in use", code: .busy) : CgroupError(error)
      }
      let lost = hierarchy.version == .one ? hierarchy.controllers : Set(CgroupController.allCases)
      for controller in lost { failures[controller] = error }
    }
  }

  /// Removes what has been made.
  func discard() {
    for folder in folders { _ = unsafe rmdir(folder) }
  }

  private static func makeFolder(_ folder: String) throws(SystemError) {
    // Another process may remove what lies in between, or make it.
    for _ in 0..<100 {
      if unsafe mkdir(folder, 0o755) == 0 { return }
      switch Errno.last {
      case .exists: if unsafe rmdir(folder) != 0, Errno.last != .noEntry { throw SystemError(.last, "replace \(folder)") }
      case .noEntry: try FileSystem.createFolders(FileSystem.folder(of: folder))
      default: throw SystemError(.last, "create \(folder)")
      }
    }
    throw SystemError(.busy, "create \(folder)")
  }

  /// A new cgroup of version 1 may use no CPU and no memory node; it gets its parent's.
  private static func inheritCPUSet(from base: String, to name: String) throws(SystemError) {
    for file in ["cpuset.cpus", "cpuset.mems"] {
      var folder = base, value = try ControlFile.read("\(base)/\(file)")
      for part in name.split(separator: "/") {
        folder += "/\(part)"
        let own = try ControlFile.read("\(folder)/\(file)")
        if own.trimmed.isEmpty { try ControlFile.write(value.trimmed, to: "\(folder)/\(file)") } else { value = own }
      }
    }
  }
}
