import Glibc
import Linux

extension Cgroup {
  /// Moves a process into the cgroup, with all its threads. Slow: see `taskFiles`.
  public func add(_ process: Int32) throws(CgroupError) {
    do throws(SystemError) {
      for folder in folders { try ControlFile.write("\(process)", to: "\(folder)/cgroup.procs") }
    } catch { throw CgroupError(error) }
  }

  /// The IDs of all processes in it and below, as the caller's PID namespace numbers them; ascending. Those it does not see are left out.
  public func processes() throws(CgroupError) -> [Int32] {
    do throws(SystemError) {
      var found: Set<Int32> = []
      for folder in folders {
        for place in CgroupFolder.tree(folder) { found.formUnion(try CgroupFolder.processes(in: place)) }
      }
      found.remove(0)
      return found.sorted()
    } catch { throw CgroupError(error) }
  }

  /// Kills every process in it and below, frozen ones too; returns before they have ended.
  public func kill() throws(CgroupError) {
    do throws(SystemError) {
      if let unifiedFolder {
        do throws(SystemError) { return try ControlFile.write("1", to: "\(unifiedFolder)/cgroup.kill") } catch {
          // Kernels before 5.14 have no such file.
          if error.code != .noEntry { throw error }
          if !FileSystem.isFolder(unifiedFolder) { return }
        }
      }
    } catch { throw CgroupError(error) }
    try killOneByOne()
  }

  /// Frozen processes start no others; what could not be frozen is killed until nothing new turns up.
  private func killOneByOne() throws(CgroupError) {
    if try processes().isEmpty { return }
    let stands = canFreeze
    if stands { try freeze() }
    var killed: Set<Int32> = []
    while true {
      let found = try processes().filter { killed.insert($0).inserted }
      for process in found { _ = Glibc.kill(process, SIGKILL) }
      if found.isEmpty { break }
    }
    if stands { try thaw() }
  }
}
