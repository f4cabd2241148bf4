import CContainer

/// One mount as the init does it.
struct MountPlan {
  var source: String
  var target: String
  /// The file system's type; nil for a bind mount.
  var type: String?
  var options: String?
  /// Bound where the file system may not be mounted.
  var fallback: String?
  var attributes: UInt64 = 0
  var isRecursive = true
  var isOptional = false
  var isMapped = false

  static let readOnly: UInt64 = 1, noSetUser: UInt64 = 2, noDevices: UInt64 = 4, noExecution: UInt64 = 8, strictTimes: UInt64 = 0x20
  private static let inert = noSetUser | noDevices | noExecution

  /// Everything that is mounted in a container's root, in order.
  static func mounts(of container: ContainerSpecification) throws(ContainerError) -> [MountPlan] {
    var own: [MountPlan] = []
    for mount in container.mounts { own.append(try MountPlan(mount)) }
    // A folder before those below it; otherwise in the given order, which sort(by:) keeps.
    let depths = own.map { $0.target.split(separator: "/").count }
    let order = own.indices.sorted { (depths[$0], $0) < (depths[$1], $1) }
    let replaced = Set(own.map(\.target))
    return standard(container).filter { !replaced.contains($0.target) } + order.map { own[$0] }
  }

  private init(_ mount: Mount) throws(ContainerError) {
    let target = "/" + mount.target.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    guard mount.target.hasPrefix("/"), target != "/" else {
      throw .invalid("invalid mount target \"\(mount.target)\": expected an absolute path other than \"/\"")
    }
    self.target = target
    switch mount.source {
    case .bind(let path):
      guard path.hasPrefix("/") else { throw .invalid("invalid mount source \"\(path)\": expected an absolute path") }
      source = path
      attributes = mount.isReadOnly ? MountPlan.readOnly : 0
      isMapped = mount.isMapped
    case .temporary(let options):
      (source, type) = ("tmpfs", "tmpfs")
      var rest: [String] = []
      attributes = MountPlan.inert
      for option in options {
        switch option {
        case "ro": attributes |= MountPlan.readOnly
        case "rw": attributes &= ~MountPlan.readOnly
        case "exec": attributes &= ~MountPlan.noExecution
        case "noexec": attributes |= MountPlan.noExecution
        case "suid": attributes &= ~MountPlan.noSetUser
        case "nosuid": attributes |= MountPlan.noSetUser
        case "dev": attributes &= ~MountPlan.noDevices
        case "nodev": attributes |= MountPlan.noDevices
        default: rest.append(option)
        }
      }
      self.options = rest.isEmpty ? nil : rest.joined(separator: ",")
    }
  }

  private init(_ type: String, on target: String, options: String? = nil, fallback: String? = nil, attributes: UInt64) {
    (source, self.target, self.type, self.options, self.fallback) = (type, target, type, options, fallback)
    self.attributes = attributes
  }

  private init(binding source: String, on target: String, attributes: UInt64 = 0) {
    (self.source, self.target, self.attributes) = (source, target, attributes)
    isOptional = true
  }

  private static func standard(_ container: ContainerSpecification) -> [MountPlan] {
    let namespaces = container.namespaces, locked = container.isPrivileged ? 0 : readOnly
    var mounts = [
      MountPlan("proc", on: "/proc", fallback: namespaces.process == .new ? nil : "/proc", attributes: inert),
      MountPlan("tmpfs", on: "/dev", options: "mode=755,size=65536k", attributes: noSetUser | strictTimes),
      MountPlan("devpts", on: "/dev/pts", options: terminalOptions(container), attributes: noSetUser | noExecution),
      MountPlan("sysfs", on: "/sys", fallback: "/sys", attributes: inert | locked),
    ]
    mounts += cgroups(container, locked)
    if namespaces.ipc == .ofHost {
      mounts.append(MountPlan(binding: "/dev/mqueue", on: "/dev/mqueue"))
      mounts.append(MountPlan(binding: "/dev/shm", on: "/dev/shm"))
    } else {
      mounts.append(MountPlan("mqueue", on: "/dev/mqueue", attributes: inert))
      mounts.append(MountPlan("tmpfs", on: "/dev/shm", options: "mode=1777,size=65536k", attributes: inert))
    }
    return mounts
  }

  /// Terminals belong to the group 5, tty, if the container knows such a group.
  private static func terminalOptions(_ container: ContainerSpecification) -> String {
    let isKnown = container.userMapping?.groups.contains { $0.has(5) } ?? UserMapping.knowsGroup(5)
    return "newinstance,ptmxmode=0666,mode=0620" + (isKnown ? ",gid=5" : "")
  }

  /// The container's own folders of the cgroup hierarchies, at the places where the host has the hierarchies.
  private static func cgroups(_ container: ContainerSpecification, _ locked: UInt64) -> [MountPlan] {
    let root = "/sys/fs/cgroup"
    var mounts: [MountPlan] = []
    for folder in container.cgroupFolders where folder.hasPrefix(root + "/") {
      guard CgroupVersion(folder: folder) == .one || folder.hasPrefix(root + "/unified/") else {
        return [MountPlan(binding: folder, on: root, attributes: inert | locked)]
      }
      let hierarchy = folder.dropFirst(root.count + 1).prefix { $0 != "/" }
      mounts.append(MountPlan(binding: folder, on: "\(root)/\(hierarchy)", attributes: inert | locked))
    }
    return mounts.isEmpty ? [] : [MountPlan("tmpfs", on: root, options: "mode=755", attributes: inert)] + mounts
  }

  func lowered(into arena: Arena, isSent: Bool) -> cinit_mount {
    func text(_ string: String?) -> UnsafePointer<CChar>? { string.map { UnsafePointer(arena.string($0)) } }
    return cinit_mount(
      source: text(source), target: text(target), type: text(type), options: text(options), fallback: text(fallback),
      attributes: attributes, recursive: isRecursive ? 1 : 0, optional: isOptional ? 1 : 0,
      sent: isSent ? 1 : 0)
  }
}
