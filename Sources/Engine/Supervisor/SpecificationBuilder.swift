public import Cgroups
public import Containers
internal import Glibc
internal import Linux

/// Turns a container's record into what its init needs to know.
public struct SpecificationBuilder {
  private let record: ContainerRecord
  private let store: ContainerStore

  /// Prepares for one container.
  public init(_ record: ContainerRecord, in store: ContainerStore) {
    self.record = record
    self.store = store
  }

  /// The specification, without what networking adds: the host name, its files, and the variables of links.
  public func specification() throws -> ContainerSpecification {
    let options = record.options
    guard !record.arguments.isEmpty else { throw EngineError("No command specified", exitCode: 125) }
    var result = ContainerSpecification(arguments: record.arguments, root: root)
    result.environment = record.environment
    result.workingFolder = record.workingFolder
    result.user = ProcessUser(record.user, additionalGroups: options.additionalGroups)
    result.isReadOnly = options.isReadOnly
    result.mounts = mounts
    result.devices = try options.devices.map { try DeviceOption($0).device }
    result.namespaces = try namespaces()
    result.userMapping = result.namespaces.user == .new ? mapping : nil
    result.capabilities = try CapabilitySet(adding: options.addedCapabilities, dropping: options.droppedCapabilities)
    result.isPrivileged = options.isPrivileged
    try secure(&result)
    result.resourceLimits = try options.processLimits.map { try ResourceLimit($0) }
    result.sysctls = try options.sysctls.map { try SpecificationBuilder.pair($0, "sysctl") }
    result.oomScoreAdjustment = options.oomScoreAdjustment
    result.hasReaper = options.hasReaper
    result.endsWithParent = true
    result.seccompCacheFolder = store.places.filters
    result.isTemporary = options.removesItself
    return result
  }

  /// What the container's cgroup enforces. As docker has it, as much swap as memory may be used if nothing is said about swap.
  public func limits() throws -> CgroupLimits {
    let wish = record.options.limits
    var limits = CgroupLimits()
    limits.memory = wish.memory.map { UInt64($0) }
    limits.memorySwap = wish.memorySwap.flatMap { $0 == 0 ? nil : $0 < 0 ? .unlimited : .total(UInt64($0)) }
    limits.nanoCPUs = wish.nanoCPUs.map { UInt64($0) }
    limits.cpuShares = wish.cpuShares.map { UInt64($0) }
    limits.cpuSet = wish.processors
    limits.memoryNodes = wish.memoryNodes
    limits.processes = wish.processes.flatMap { $0 > 0 ? UInt64($0) : nil }
    limits.devices =
      record.options.isPrivileged ? .unrestricted : .standard(adding: try record.options.devices.map { try DeviceOption($0).rule })
    return limits
  }

  /// Splits `NAME=value`.
  static func pair(_ text: String, _ option: String) throws -> (String, String) {
    guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
      throw EngineError("invalid argument \"\(text)\" for --\(option): expected NAME=VALUE", exitCode: 125)
    }
    return (String(text[..<sign]), String(text[text.index(after: sign)...]))
  }

  private var root: RootFileSystem {
    if let folder = record.rootFolder { return .folder(folder) }
    let places = store.places
    return .overlay(
      lower: record.imageDefaults.layers, upper: places.upper(record.id), work: places.work(record.id),
      mountPoint: places.mountPoint(record.id))
  }

  private var mounts: [Mount] {
    var mounts = record.mounts.map { (mount) -> Mount in
      if mount.kind == .tmpfs {
        return .temporary(on: mount.destination, options: mount.options.split(separator: ",").map { String($0) })
      }
      return mount.kind == .volume
        ? .volume(mount.source, on: mount.destination, isReadOnly: mount.isReadOnly)
        : .bind(mount.source, on: mount.destination, isReadOnly: mount.isReadOnly)
    }
    if let size = record.options.sharedMemorySize {
      mounts.append(.temporary(on: "/dev/shm", options: ["size=\(size)", "mode=1777", "nosuid", "nodev", "noexec"]))
    }
    return mounts
  }

  private func namespaces() throws -> Namespaces {
    let options = record.options
    var result = Namespaces()
    result.network = try origin(options.networks.first { $0 == "host" || $0.hasPrefix("container:") }, "net", "network")
    result.process = try origin(options.processNamespace, "pid", "pid")
    result.ipc = try origin(options.ipcNamespace, "ipc", "ipc")
    result.uts = try origin(options.hostNameNamespace ?? (result.network == .ofHost ? "host" : nil), "uts", "uts")
    if case .join(let path) = result.network { result.uts = .join(path: path.dropLast(3) + "uts") }
    result.cgroup = try origin(options.cgroupNamespace, "cgroup", "cgroupns")
    switch options.userNamespace {
    case nil, "": result.user = geteuid() == 0 ? .ofHost : .new
    case "host":
      guard geteuid() == 0 else {
        throw EngineError("--userns host: the containers of an ordinary user need a user namespace of their own", exitCode: 125)
      }
    case "private", "auto": result.user = .new
    case let text?: throw EngineError("--userns: invalid USER mode \"\(text)\": expected host or private", exitCode: 125)
    }
    return result
  }

  private func origin(_ wish: String?, _ file: String, _ option: String) throws -> Namespaces.Origin {
    switch wish {
    case nil, "", "private", "shareable", "none": return .new
    case "host": return .ofHost
    case let text? where text.hasPrefix("container:"):
      let other = try store.find(String(text.dropFirst(10)))
      guard other.status.process.isRunning else {
        throw EngineError("cannot join \(option) of a non running container: \(other.id)", exitCode: 125)
      }
      return .join(path: "/proc/\(other.status.process.processID)/ns/\(file)")
    case let text?: throw EngineError("--\(option): invalid mode \"\(text)\": expected host, private or container:NAME", exitCode: 125)
    }
  }

  /// An ordinary user, or the root of a user namespace, has only himself to give.
  private var mapping: UserMapping { geteuid() == 0 && UserMapping.isHost ? .ofNobody : .ofCaller }

  private func secure(_ specification: inout ContainerSpecification) throws {
    for option in record.options.securityOptions {
      let parts = option.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "=" || $0 == ":" }.map { String($0) }
      let value = parts.count == 2 ? parts[1] : ""
      switch parts[0] {
      case "no-new-privileges" where ["", "true"].contains(value): specification.allowsNewPrivileges = false
      case "no-new-privileges" where value == "false": break
      case "seccomp" where value == "unconfined": specification.seccomp = .unconfined
      case "seccomp" where !value.isEmpty: specification.seccomp = .profile(path: value)
      case "apparmor" where value == "unconfined", "label" where !value.isEmpty: break
      default:
        throw EngineError(
          "invalid --security-opt \"\(option)\": expected no-new-privileges or seccomp=unconfined|FILE", exitCode: 125)
      }
    }
  }
}
