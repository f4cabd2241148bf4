import CContainer
import CLinux
import Glibc
import Linux

/// A container as the init will make it: the specification with everything standard added, checked, in the order of the work.
struct ContainerPlan {
  let specification: ContainerSpecification
  let program: ProgramPlan
  let mounts: [MountPlan]
  let devices: [Device]
  let masked: [String]
  let readOnly: [String]
  let sysctls: [Sysctl]

  init(_ specification: ContainerSpecification, _ streams: StandardStreams) throws(ContainerError) {
    self.specification = specification
    let held = CapabilitySet(rawValue: cinit_bounding_set())
    program = ProgramPlan(
      arguments: specification.arguments, environment: specification.environment, workingFolder: specification.workingFolder,
      user: specification.user, umask: specification.umask, hostName: specification.hostName,
      bounding: held.intersection(specification.isPrivileged ? .all : specification.capabilities),
      allowsNewPrivileges: specification.allowsNewPrivileges, limits: specification.resourceLimits,
      oomScoreAdjustment: specification.oomScoreAdjustment, streams: streams, hasReaper: specification.hasReaper,
      endsWithParent: specification.endsWithParent)
    mounts = try MountPlan.mounts(of: specification)
    devices = Device.standard + specification.devices + (specification.isPrivileged ? Device.ofHost : [])
    masked = specification.isPrivileged ? [] : StandardPaths.masked
    readOnly =
      (specification.isPrivileged ? [] : StandardPaths.readOnly)
      + mounts.filter { $0.target == "/sys/fs/cgroup" && $0.type == "tmpfs" && !specification.isPrivileged }.map(\.target)
    var sysctls: [Sysctl] = []
    for (name, value) in specification.sysctls { sysctls.append(try Sysctl(name, value, specification.namespaces)) }
    self.sysctls = sysctls
    try check()
  }

  private func check() throws(ContainerError) {
    let namespaces = specification.namespaces
    if namespaces.user == .new, specification.userMapping == nil {
      throw .invalid("a new user namespace needs a mapping of users and groups")
    }
    if case .join = namespaces.process { throw .invalid("a container cannot join another's PID namespace") }
    switch specification.root {
    case .folder("/"): throw .invalid("the root file system \"/\" is the host's own: expected another folder")
    case .folder(let path), .overlay(_, let path, _, _):
      guard path.hasPrefix("/") else { throw .invalid("invalid root file system \"\(path)\": expected an absolute path") }
    }
    if specification.hostName != nil, namespaces.uts != .new {
      throw .invalid("a host name needs a UTS namespace of the container's own")
    }
    if let name = specification.hostName, name.isEmpty || name.utf8.count > 64 {
      throw .invalid("invalid host name \"\(name)\": expected 1 to 64 characters")
    }
    for device in devices where !device.path.hasPrefix("/") {
      throw .invalid("invalid device path \"\(device.path)\": expected an absolute path")
    }
  }

  /// Clones the container's init.
  func create() throws(ContainerError) -> InitProcess {
    let arena = Arena()
    var container = cinit_container()
    container.program = try program.lowered(into: arena)
    container.namespaces = specification.namespaces.newFlags
    let cgroups = try CgroupDoors(specification.cgroupFolders)
    (container.cgroup, container.cgroup_tasks, container.cgroup_task_count) = cgroups.lowered(into: arena)
    let joined = try NamespaceFiles(specification.namespaces)
    (container.joined, container.joined_count) = joined.lowered(into: arena)
    lowerRoot(into: &container, arena)
    let sent = try SentMounts(for: self)
    container.root_sent = sent.isNeeded ? 1 : 0
    lowerLists(into: &container, arena, sent)
    var process = cinit_process()
    let outcome = withExtendedLifetime((cgroups, joined)) { cinit_create(&container, &process) }
    guard outcome >= 0 else { throw .failed(Errno(rawValue: -outcome), "create the container's namespaces") }
    let initProcess = InitProcess(process)
    if specification.namespaces.user == .new, let mapping = specification.userMapping {
      try initProcess.map(mapping)
      if sent.isNeeded { try sent.addRoot(container, of: process.pid, mapping) }
      try initProcess.goOn(with: sent.descriptors)
    }
    withExtendedLifetime(arena) {}
    return initProcess
  }

  private func lowerRoot(into container: inout cinit_container, _ arena: Arena) {
    switch specification.root {
    case .folder(let path): container.upper = UnsafePointer(arena.string(path))
    case .overlay(let lower, let upper, let work, let mountPoint):
      container.lower = UnsafePointer(arena.constantStrings(lower))
      container.lower_count = Int32(lower.count)
      container.upper = UnsafePointer(arena.string(upper))
      container.work = UnsafePointer(arena.string(work))
      container.mount_point = UnsafePointer(arena.string(mountPoint))
    }
    container.temporary = specification.isTemporary ? 1 : 0
    container.user_attributes = container.lower_count > 0 && !(geteuid() == 0 && UserMapping.isHost) ? 1 : 0
    container.root_read_only = specification.isReadOnly ? 1 : 0
  }

  private func lowerLists(into container: inout cinit_container, _ arena: Arena, _ sent: SentMounts) {
    func text(_ string: String) -> UnsafePointer<CChar> { UnsafePointer(arena.string(string)) }
    container.mounts = UnsafePointer(arena.list(mounts.indices.map { mounts[$0].lowered(into: arena, isSent: sent.has($0)) }))
    container.mount_count = Int32(mounts.count)
    let devices = devices.map {
      cinit_device(
        path: text($0.path), mode: ($0.kind == .character ? S_IFCHR : S_IFBLK) | $0.permissions, major: $0.major, minor: $0.minor, user: 0,
        group: 0)
    }
    container.devices = UnsafePointer(arena.list(devices))
    container.device_count = Int32(devices.count)
    let links = StandardPaths.links.map { cinit_pair(name: text($0.name), value: text($0.target)) }
    container.links = UnsafePointer(arena.list(links))
    container.link_count = Int32(links.count)
    container.masked = UnsafePointer(arena.constantStrings(masked))
    container.masked_count = Int32(masked.count)
    container.read_only = UnsafePointer(arena.constantStrings(readOnly))
    container.read_only_count = Int32(readOnly.count)
    container.sysctls = UnsafePointer(arena.list(sysctls.map { cinit_pair(name: text($0.path), value: text($0.value)) }))
    container.sysctl_count = Int32(sysctls.count)
    container.host_name = specification.hostName.map(text)
  }
}
