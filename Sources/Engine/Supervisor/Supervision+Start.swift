internal import Cgroups
internal import Containers
internal import Linux

extension Supervision {
  /// Starts the container once: cgroup, namespaces and root, network, program.
  func start() throws {
    let networking = ContainerNetworking(record, in: store), builder = SpecificationBuilder(record, in: store)
    let specification: ContainerSpecification
    var times = StartTimes()
    do {
      try networking.writeFiles()
      times.end("files")
      let cgroup = try Cgroup.create(name: "berth/\(id)", limits: builder.limits()) { folders in
        // Without the note a kill at a bad moment leaves an empty folder, which is no reason not to start.
        do { try claim?.note(cgroup: folders) } catch { complain(error) }
      }
      self.cgroup = cgroup
      times.end("cgroup")
      specification = try self.specification(builder, networking, cgroup)
      let streams = try ContainerStreams(usesTerminal: record.options.usesTerminal, isInteractive: record.options.isInteractive)
      self.streams = streams
      try create(specification, streams)
      times.end("clone")
      let attachment = try attach(networking)
      times.end("network")
      try process?.awaitRoot()
      times.end("root")
      try process?.start()
      times.end("exec")
      streams.started(terminal: process?.terminal)
      try recordStart(cgroup, attachment)
      times.end("record")
      try times.write()
    } catch {
      cleanUp()
      throw error
    }
    health = record.healthcheck.map { HealthMonitor($0) }
    checkSpecification = ExecSpecification(arguments: [], like: specification)
    events.append(Event("start", record))
  }

  private func specification(
    _ builder: SpecificationBuilder, _ networking: ContainerNetworking, _ cgroup: Cgroup
  ) throws -> ContainerSpecification {
    var specification = try builder.specification()
    let name = try networking.hostName()
    specification.hostName = specification.namespaces.uts == .new && !name.isEmpty ? name : nil
    specification.environment = ContainerRecord.merge(try networking.linkEnvironment(), specification.environment)
    let taken = Set(record.mounts.map(\.destination))
    for file in try networking.files() where !taken.contains(file.target) {
      specification.mounts.append(.bind(file.source, on: file.target))
    }
    specification.cgroupFolders = cgroup.folders
    return specification
  }

  private func create(_ specification: ContainerSpecification, _ streams: ContainerStreams) throws {
    if case .overlay(_, let upper, let work, let mountPoint) = specification.root {
      for folder in [upper, work, mountPoint] { try FileSystem.createFolders(folder) }
    }
    // The command that starts us sends its terminal's size before we run.
    for client in clients { handle(client) }
    process = try ContainerProcess(
      creating: specification, streams: streams.standardStreams(rows: terminalSize.rows, columns: terminalSize.columns))
  }

  private func attach(_ networking: ContainerNetworking) throws -> (networks: [AttachedNetwork], ports: [PublishedPort]) {
    var networking = networking
    guard let pid = process?.processID else { return ([], []) }
    do { return try networking.attach(namespacePath: "/proc/\(pid)/ns/net") } catch {
      // If the init has failed meanwhile, that is why.
      try process?.check()
      throw error
    }
  }

  private func recordStart(_ cgroup: Cgroup, _ attachment: (networks: [AttachedNetwork], ports: [PublishedPort])) throws {
    let boot = try BootIdentifier.current().text
    let supervisor = ProcessIdentity(running: ThisProcess.id), first = ProcessIdentity(running: process?.processID ?? 0)
    let isFirst = isFirstStart
    isFirstStart = false
    record = try store.update(id) {
      if isFirst {
        $0.status.restartCount = 0
        $0.status.wasStopped = false
      }
      $0.networks = attachment.networks
      $0.ports = attachment.ports
      $0.status.state = .running
      $0.status.supervisor = supervisor ?? ProcessIdentity()
      $0.status.process = first ?? ProcessIdentity()
      $0.status.boot = boot
      $0.status.cgroup = cgroup.folders
      $0.status.started = Timestamp.now().description
      $0.status.exitCode = 0
      $0.status.error = ""
      $0.status.wasKilledForMemory = false
      $0.status.health = $0.healthcheck == nil ? nil : Health()
    }
  }

  /// Takes away what a start has made. Nothing stops it; what goes wrong is written down, and the next command tries again.
  func cleanUp() {
    isClean = true
    do { try cgroup?.kill() } catch { leave(error) }
    process = nil
    streams = nil
    memory = nil
    health = nil
    // Meanwhile `network connect` may have added one to its networks, or be at it.
    do { try store.reading(id) { try ContainerNetworking($0, in: store).detach() } } catch { leave(error) }
    do { try cgroup?.remove() } catch { leave(error) }
    cgroup = nil
  }

  private func leave(_ error: any Error) {
    isClean = false
    complain(error)
  }
}
