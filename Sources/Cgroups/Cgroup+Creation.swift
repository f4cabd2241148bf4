import Glibc
import Linux

extension Cgroup {
  /// Makes a container's cgroup below the caller's own cgroup, and sets its limits. `name` is a relative path: `berth/<id>`.
  ///
  /// A leftover of the same name without processes is replaced. Fails, leaving nothing behind, if a limit was asked that cannot be set: the
  /// error names the limit and the reason. Without limits it succeeds also where cgroups may not be changed at all, with no folders.
  ///
  /// `announce` gets all folders that may be made before the first one is, to be written down where somebody finds them if the caller is killed.
  public static func create(
    name: String, limits: CgroupLimits = CgroupLimits(), announce: ([String]) throws(CgroupError) -> Void = { _ in }
  ) throws(CgroupError) -> Cgroup {
    let hierarchies = try CgroupHierarchy.mounted()
    try announce(hierarchies.map { "\($0.base)/\(name)" })
    return try create(name: name, limits: limits, in: hierarchies)
  }

  static func create(name: String, limits: CgroupLimits, in hierarchies: [CgroupHierarchy]) throws(CgroupError) -> Cgroup {
    try limits.validate()
    var draft = CgroupDraft(name: name)
    // The controllers that are always wanted: what limits, counts, or weighs containers against each other.
    var wanted: Set<CgroupController> = [.cpu, .cpuAccounting, .memory, .processes, .devices, .blockDevices]
    if limits.cpuSet != nil || limits.memoryNodes != nil { wanted.insert(.cpuSet) }
    do throws(CgroupError) {
      for hierarchy in hierarchies where hierarchy.version == .two { try draft.make(in: hierarchy) }
      // Version 2 freezes better, and without a hierarchy of its own.
      if draft.folders.isEmpty { wanted.insert(.freezer) }
      for hierarchy in hierarchies where !hierarchy.controllers.isDisjoint(with: wanted) { try draft.make(in: hierarchy) }
      let cgroup = draft.cgroup
      try cgroup.apply(limits, unavailable: draft.failures)
      try cgroup.restrictDevices(limits.devices)
      return cgroup
    } catch {
      draft.discard()
      throw error
    }
  }

  /// The cgroup with these folders, as `folders` told; folders that have gone or that no mounted hierarchy has are left out.
  public init(folders: [String]) throws(CgroupError) {
    let mounted = try CgroupHierarchy.mounted()
    var present: [(String, CgroupHierarchy)] = []
    for folder in folders where FileSystem.isFolder(folder) {
      guard let hierarchy = mounted.first(where: { folder.hasPrefix($0.mountPoint + "/") }) else { continue }
      present.append((folder, hierarchy))
    }
    self.init(folders: present.map(\.0), hierarchies: present.map(\.1))
  }

  /// The cgroup that was made with this name by a process in the same cgroup as the caller; it has no folders if there is none.
  public init(existing name: String) throws(CgroupError) {
    let mounted = try CgroupHierarchy.mounted().filter { FileSystem.isFolder("\($0.base)/\(name)") }
    self.init(folders: mounted.map { "\($0.base)/\(name)" }, hierarchies: mounted)
  }

  /// The names of the cgroups directly below `name` (`berth`), in any hierarchy, that were made from the caller's own cgroup; sorted.
  public static func names(below name: String) throws(CgroupError) -> [String] {
    var names: Set<String> = []
    for hierarchy in try CgroupHierarchy.mounted() { names.formUnion(CgroupFolder.children(of: "\(hierarchy.base)/\(name)")) }
    return names.sorted()
  }

  /// Changes those limits that are not nil; devices are left alone.
  public func update(_ limits: CgroupLimits) throws(CgroupError) {
    try limits.validate()
    var raisesMemory = false
    if let memory = limits.memory, let current = try statistics().memoryLimit { raisesMemory = memory > current }
    try apply(limits, raisesMemory: raisesMemory)
  }

  private func apply(
    _ limits: CgroupLimits, raisesMemory: Bool = false, unavailable: [CgroupController: SystemError] = [:]
  ) throws(CgroupError) {
    for version in [CgroupHierarchy.Version.one, .two] {
      for setting in limits.settings(version, raisesMemory: raisesMemory) where place(of: setting.controller)?.version ?? .one == version {
        try set(setting, unavailable[setting.controller])
      }
    }
  }

  private func set(_ setting: CgroupSetting, _ obstacle: SystemError?) throws(CgroupError) {
    guard let place = place(of: setting.controller) else {
      if setting.isOptional { return }
      let reason = obstacle?.description ?? "the controller \(setting.controller.rawValue) is not mounted"
      throw CgroupError("cannot \(setting.purpose): \(reason)", code: obstacle?.code)
    }
    do { try ControlFile.write(setting.value, to: "\(place.folder)/\(setting.file)") } catch {
      if error.code == .noEntry, setting.isOptional { return }
      let reason =
        if error.code == .noEntry {
          obstacle?.description
            ?? "this cgroup has no \(setting.file), because the controller \(setting.controller.rawValue) is not enabled"
        } else { error.description }
      throw CgroupError("cannot \(setting.purpose): \(reason)", code: error.code)
    }
  }

  /// The folder that has a controller: that of version 1 if it is mounted there, else that of version 2.
  func place(of controller: CgroupController) -> (folder: String, version: CgroupHierarchy.Version)? {
    for (folder, hierarchy) in zip(folders, hierarchies) where hierarchy.controllers.contains(controller) { return (folder, .one) }
    return unifiedFolder.map { ($0, .two) }
  }
}
