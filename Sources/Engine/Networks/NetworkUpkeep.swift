internal import CNI
public import Linux

/// What has to be done for all networks at once.
public enum NetworkUpkeep {
  /// Has all plugins forget what belongs to no container, once after each boot; later calls cost one look at a file.
  ///
  /// No container of berth's has outlived the boot. Other runtimes' attachments are kept as long as their namespace is there. A network whose plugins
  /// fail is named on the standard error, and tried again after the next boot.
  public static func collectAfterBoot(_ containers: ContainerStore, _ boot: BootIdentifier? = nil) throws {
    let places = containers.places, path = "\(places.root)/boot"
    let boot = try boot ?? BootIdentifier.current(), content = Array("\(boot.text)\n".utf8)
    if try FileSystem.readIfPresent(path) == content { return }
    try FileSystem.createFolders(places.root, mode: 0o711)
    try FileSystem.createFolders(places.run)
    let lock = try FileLock("\(places.run)/boot.lock")
    // Somebody else was faster.
    if try FileSystem.readIfPresent(path) == content { return }
    // A record that cannot be read is nobody's who runs.
    let own = Set(try containers.ids().filter { (try? containers.record($0))??.status.process.isRunning != true })
    let store = NetworkStore(places)
    for network in try store.networks() {
      do {
        let runtime = store.runtime, entries = try runtime.cache.entries(of: network.list.name)
        let valid = entries.filter { !own.contains($0.request.containerID) && isThere($0.request.networkNamespacePath) }
        try runtime.collectGarbage(network.list, keeping: Set(valid.map(\.attachment)))
        for member in try NetworkMember.all(of: network.name, places) where own.contains(member.id) {
          try NetworkMember.leave(network.name, id: member.id, interface: member.interface, places)
        }
      } catch { Log.warning("cleaning up network \(network.name) after a boot: \(error)") }
    }
    try FileSystem.replace(path, content: content)
    withExtendedLifetime(lock) {}
  }

  /// Whether a path leads to a network namespace.
  private static func isThere(_ path: String) -> Bool {
    guard !path.isEmpty else { return false }
    return (try? NetworkNamespace(path: path)) != nil
  }
}
