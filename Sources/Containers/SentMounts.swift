import CContainer
import Glibc
import Linux

/// Mounts that the init of a container with its own users gets from this process, because only this process may make them: bind mounts of what
/// the container's root may not reach on the host, and the layers of its root with mapped users.
final class SentMounts {
  /// Whether the init gets its root and bind mounts so.
  let isNeeded: Bool
  private var root: Int32 = -1
  private var sources: [Int: Int32] = [:]
  private var mapped: [(descriptor: Int32, source: String)] = []

  /// Opens the sources of bind mounts. An ordinary user, or root of a user namespace, may not map the users of file systems; then the init mounts
  /// by itself what it can reach.
  init(for plan: ContainerPlan) throws(ContainerError) {
    isNeeded = plan.specification.namespaces.user == .new && geteuid() == 0 && UserMapping.isHost
    guard isNeeded else { return }
    for (index, mount) in plan.mounts.enumerated() where mount.type == nil {
      let tree = cinit_clone_mount(mount.source, mount.attributes, mount.isRecursive && !mount.isMapped ? 1 : 0)
      if tree >= 0 {
        sources[index] = tree
        if mount.isMapped { mapped.append((tree, mount.source)) }
      } else if !mount.isOptional {
        throw .failed(Errno(rawValue: -tree), "open the source of the mount \(mount.source) on \(mount.target)")
      }
    }
  }

  deinit { for descriptor in descriptors where descriptor >= 0 { close(descriptor) } }

  /// Whether the mount with that index is sent.
  func has(_ index: Int) -> Bool { sources[index] != nil }

  /// In the order in which the init wants them.
  var descriptors: [Int32] { (isNeeded ? [root] : []) + sources.sorted { $0.key < $1.key }.map(\.value) }

  /// Mounts the root with its users mapped as the init's user namespace has them: root's files on disk are those of the container's root. Maps the
  /// users of volumes as well.
  func addRoot(_ container: cinit_container, of pid: Int32, _ mapping: UserMapping) throws(ContainerError) {
    guard let user = mapping.users.lazy.compactMap(\.hostOfRoot).first, let group = mapping.groups.lazy.compactMap(\.hostOfRoot).first
    else {
      throw .invalid("the user namespace's mapping has no root: expected ranges that begin with 0 in the container")
    }
    do throws(SystemError) {
      let users = try OwnedFile("/proc/\(pid)/ns/user")
      for (descriptor, source) in mapped {
        let outcome = cinit_map_mount(descriptor, users.descriptor)
        guard outcome >= 0 else { throw SystemError(Errno(rawValue: -outcome), "map the users of the volume \(source)") }
      }
      root = withUnsafePointer(to: container) { cinit_mount_mapped($0, users.descriptor, user, group) }
    } catch { throw .failed(error) }
    guard root >= 0 else { throw .failed(Errno(rawValue: -root), "mount the root file system with mapped users") }
  }
}
