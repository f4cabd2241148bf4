/// A setting below /proc/sys that belongs to a namespace, so that a container may have its own.
struct Sysctl {
  /// Its name as given, with dots.
  let name: String
  /// Its path below /proc/sys.
  let path: String
  let value: String

  private static let ipc: Set<String> = [
    "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni",
    "kernel.shm_rmid_forced",
  ]

  /// Checks that the setting is the container's own.
  init(_ name: String, _ value: String, _ namespaces: Namespaces) throws(ContainerError) {
    let owner: (kind: String, origin: Namespaces.Origin)
    if name.hasPrefix("net.") {
      owner = ("network", namespaces.network)
    } else if Sysctl.ipc.contains(name) || name.hasPrefix("fs.mqueue.") {
      owner = ("IPC", namespaces.ipc)
    } else if name == "kernel.domainname" {
      owner = ("UTS", namespaces.uts)
    } else {
      throw .invalid(
        "sysctl \"\(name)\" is not in a separate kernel namespace: expected net.*, fs.mqueue.* or one of kernel.msg*, sem, shm*")
    }
    guard owner.origin != .ofHost else {
      throw .invalid("sysctl \"\(name)\" is not allowed in the host's \(owner.kind) namespace")
    }
    // As sysctl(8): a slash stands for a dot inside a name, of an interface.
    path = String(name.map { $0 == "." ? "/" : $0 == "/" ? "." : $0 })
    guard !path.split(separator: "/", omittingEmptySubsequences: false).contains(where: { ["", ".", ".."].contains($0) }) else {
      throw .invalid("sysctl \"\(name)\": expected names joined by dots")
    }
    self.name = name
    self.value = value
  }
}
