extension SeccompFilter {
  /// The filter of a policy for a process that can have these capabilities; `cache` is a folder for compiled filters.
  static func filter(_ policy: SeccompPolicy, _ capabilities: CapabilitySet, cache: String?) throws(ContainerError) -> SeccompFilter {
    let profile: SeccompProfile
    switch policy {
    case .unconfined: return SeccompFilter()
    case .standard: profile = .standard(for: capabilities)
    case .profile(let path): profile = try SeccompProfile(file: path, capabilities)
    }
    guard let cache else { return try SeccompFilter(profile) }
    return try SeccompCache(folder: cache).filter(for: profile)
  }
}
