extension SeccompFilter {
  /// The filter of a container.
  static func filter(of plan: ContainerPlan) throws(ContainerError) -> SeccompFilter {
    let container = plan.specification
    return try filter(
      container.isPrivileged ? .unconfined : container.seccomp, plan.program.bounding, privileges: container.allowsNewPrivileges)
  }

  /// The filter of a policy for a process that has these capabilities.
  static func filter(_ policy: SeccompPolicy, _ capabilities: CapabilitySet, privileges: Bool) throws(ContainerError) -> SeccompFilter {
    SeccompFilter()
  }
}
