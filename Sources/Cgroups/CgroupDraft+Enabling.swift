import Glibc
import Linux

extension CgroupDraft {
  /// The controllers of version 2 that containers use.
  private static let useful: Set<String> = ["cpu", "cpuset", "io", "memory", "pids"]

  /// Sees to it that the new cgroup of version 2 has the controllers that its base has.
  mutating func enableControllers(in hierarchy: CgroupHierarchy) throws(SystemError) {
    let offered = try CgroupDraft.controllers("\(hierarchy.base)/cgroup.controllers").intersection(CgroupDraft.useful)
    if try offered.isSubset(of: CgroupDraft.controllers("\(hierarchy.base)/\(name)/cgroup.controllers")) { return }
    var folder = hierarchy.base
    do throws(SystemError) {
      for part in name.split(separator: "/") {
        try CgroupDraft.enable(offered, in: folder)
        folder += "/\(part)"
      }
    } catch {
      // Whoever asks for a limit that needs one of them is told why.
      for controller in CgroupController.allCases where failures[controller] == nil { failures[controller] = error }
    }
  }

  private static func controllers(_ path: String) throws(SystemError) -> Set<String> {
    Set(try ControlFile.read(path).trimmed.split(separator: " ").map(String.init))
  }

  private static func enable(_ controllers: Set<String>, in folder: String) throws(SystemError) {
    let file = "\(folder)/cgroup.subtree_control", missing = try controllers.subtracting(CgroupDraft.controllers(file)).sorted()
    if missing.isEmpty { return }
    let change = missing.map { "+\($0)" }.joined(separator: " ")
    do { try ControlFile.write(change, to: file) } catch {
      guard error.code == .busy else { return try enableOneByOne(missing, file, error) }
      // A cgroup that has processes, the caller among them, cannot limit its children: they move one level down.
      try moveOut(of: folder)
      try ControlFile.write(change, to: file)
    }
  }

  /// Where one controller is refused the others may be had; for instance `cpu`, while there are real-time processes.
  private static func enableOneByOne(_ controllers: [String], _ file: String, _ refusal: SystemError) throws(SystemError) {
    var failure: SystemError?
    for controller in controllers {
      do { try ControlFile.write("+\(controller)", to: file) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private static func moveOut(of folder: String) throws(SystemError) {
    let outer = "\(folder)/\(CgroupHierarchy.outerName)"
    if unsafe mkdir(outer, 0o755) != 0, Errno.last != .exists { throw SystemError(.last, "create \(outer)") }
    // Processes that are started meanwhile are met in the next round.
    for _ in 0..<100 {
      let processes = try ControlFile.read("\(folder)/cgroup.procs").split(separator: "\n")
      if processes.isEmpty { return }
      for process in processes {
        do { try ControlFile.write(String(process), to: "\(outer)/cgroup.procs") } catch {
          if error.code != .noProcess { throw error }
        }
      }
    }
    throw SystemError(.busy, "move the processes of \(folder) to \(outer)")
  }
}
