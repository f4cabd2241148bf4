/// A set of privileges, capabilities(7): bit n is the capability number n.
public struct CapabilitySet: OptionSet, Sendable, Hashable {
  /// The kernel's bits.
  public let rawValue: UInt64

  /// A set of the kernel's bits.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The names without CAP_, each at the place of its number.
  static let names = [
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT",
    "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
    "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
    "PERFMON", "BPF", "CHECKPOINT_RESTORE",
  ]

  /// Every capability that there is.
  public static let all = CapabilitySet(rawValue: 1 << UInt64(names.count) - 1)

  /// What docker gives a container: CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE, NET_RAW, SYS_CHROOT,
  /// MKNOD, AUDIT_WRITE and SETFCAP.
  public static let standard = CapabilitySet([0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31].map { CapabilitySet(rawValue: 1 << $0) })

  /// The capability of that name, with or without CAP_, in any case.
  public init(named name: String) throws(ContainerError) {
    let upper = name.uppercased()
    guard let number = CapabilitySet.names.firstIndex(of: upper.hasPrefix("CAP_") ? String(upper.dropFirst(4)) : upper) else {
      throw .invalid("invalid capability \"\(name)\": expected a name of capabilities(7), such as NET_ADMIN, or ALL")
    }
    self.init(rawValue: 1 << UInt64(number))
  }

  /// The standard set changed as `--cap-add` and `--cap-drop` say. ALL stands for every capability; what is added wins over what is dropped,
  /// unless ALL is added.
  public init(adding added: [String], dropping dropped: [String]) throws(ContainerError) {
    func isAll(_ name: String) -> Bool { name.uppercased() == "ALL" }
    var additions = CapabilitySet(), drops = CapabilitySet()
    for name in added where !isAll(name) { try additions.formUnion(CapabilitySet(named: name)) }
    for name in dropped where !isAll(name) { try drops.formUnion(CapabilitySet(named: name)) }
    if added.contains(where: isAll) {
      self = CapabilitySet.all.subtracting(drops)
    } else if dropped.contains(where: isAll) {
      self = additions
    } else {
      self = CapabilitySet.standard.subtracting(drops).union(additions)
    }
  }

  /// The names without CAP_, in the order of their numbers.
  public var names: [String] {
    CapabilitySet.names.enumerated().filter { rawValue >> UInt64($0.offset) & 1 == 1 }.map(\.element)
  }
}
