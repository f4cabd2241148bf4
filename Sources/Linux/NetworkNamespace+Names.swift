import CLinux
import Glibc

extension NetworkNamespace {
  /// Whether a path names a network namespace that can be opened.
  public static func exists(_ path: String) -> Bool {
    do throws(SystemError) {
      _ = try NetworkNamespace(path: path)
      return true
    } catch { return false }
  }

  /// Makes a network namespace that lives as long as its name: a file that it is mounted on, as ip-netns(8) does in /run/netns.
  ///
  /// Only for a process with a single thread, which is back in its own namespace afterwards.
  public static func create(at path: String) throws {
    try FileSystem.createFolders(FileSystem.folder(of: path))
    if FileSystem.folder(of: path) == commonFolder { try shareFolder() }
    do { _ = try OwnedFile(path, flags: [.readOnly, .create, .exclusive], mode: 0o444) }
    do {
      let home = try NetworkNamespace.current()
      try checked(clinux_unshare(CLONE_NEWNET), "make a network namespace")
      let mounted = unsafe mount("/proc/thread-self/ns/net", path, "none", UInt(MS_BIND), nil)
      let failure = Errno.last
      try home.enter()
      if mounted != 0 { throw SystemError(failure, "mount a network namespace on \(path)") }
    } catch {
      _ = try? FileSystem.remove(path)
      throw error
    }
  }

  /// Where ip-netns(8) keeps its names.
  private static let commonFolder = "/run/netns"

  /// Makes /run/netns a mount of its own whose changes are seen in other mount namespaces, as ip-netns(8) does before its first name. If that came after
  /// a name of ours, the name would be there twice, once below the new mount, and could never be removed.
  private static func shareFolder() throws(SystemError) {
    // So that two who do this at the same time do not put one mount on top of the other.
    let folder = try OwnedFile(commonFolder)
    guard flock(folder.descriptor, LOCK_EX) == 0 else { throw SystemError(.last, "lock \(commonFolder)") }
    let shared = UInt(MS_SHARED | MS_REC), operation = "share \(commonFolder) with other mount namespaces"
    if unsafe mount("", commonFolder, "none", shared, nil) == 0 { return }
    // EINVAL: it is no mount yet.
    guard Errno.last == .invalid else { throw SystemError(.last, operation) }
    guard unsafe mount(commonFolder, commonFolder, "none", UInt(MS_BIND | MS_REC), nil) == 0,
      unsafe mount("", commonFolder, "none", shared, nil) == 0
    else { throw SystemError(.last, operation) }
  }

  /// Takes a name away; the namespace goes with the last process in it. Does nothing if the name is not there.
  public static func removeName(_ path: String) throws(SystemError) {
    guard unsafe umount2(path, Int32(MNT_DETACH)) == 0 || Errno.last == .invalid || Errno.last == .noEntry else {
      throw SystemError(.last, "unmount \(path)")
    }
    try FileSystem.remove(path)
  }
}
