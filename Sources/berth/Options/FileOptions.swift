internal import ArgumentParser
internal import Engine

/// What the container sees of files.
struct FileOptions: ParsableArguments {
  @Option(name: [.customShort("v", allowingJoined: true), .long], help: "Bind mount a volume") var volume: [String] = []
  @Option(help: "Attach a filesystem mount to the container") var mount: [String] = []
  @Option(help: "Mount volumes from the specified container(s)") var volumesFrom: [String] = []
  @Option(help: "Mount a tmpfs directory") var tmpfs: [String] = []
  @Flag(help: "Mount the container's root filesystem as read only") var readOnly = false
  @Option(help: "Size of /dev/shm") var shmSize: String?
  @Option(help: "Add a host device to the container") var device: [String] = []

  func apply(to options: inout RunOptions) throws {
    options.volumes = volume
    options.mounts = mount
    options.volumesFrom = volumesFrom
    options.temporaryFolders = tmpfs
    options.isReadOnly = readOnly
    options.sharedMemorySize = try shmSize.map { try LimitOptions.bytes($0, "--shm-size") }
    options.devices = device
  }
}
