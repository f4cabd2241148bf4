extension SeccompFilter {
  /// The filter of a container.
  static func filter(of plan: ContainerPlan) throws(ContainerError) -> SeccompFilter {
    let container = plan.specification
    return try filter(container.isPrivileged ? .unconfined : container.seccomp, plan.program.bounding)
  }

  /// The filter of a policy for a process that can have these capabilities.
  static func filter(_ policy: SeccompPolicy, _ capabilities: CapabilitySet) throws(ContainerError) -> SeccompFilter {
    switch policy {
    case .unconfined: SeccompFilter()
    case .standard: try SeccompFilter(.standard(for: capabilities))
    case .profile(let path): try SeccompFilter(SeccompProfile(file: path, capabilities))
    }
  }
}
