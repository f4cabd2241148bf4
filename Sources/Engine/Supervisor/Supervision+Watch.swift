internal import CLinux
internal import Cgroups
internal import Containers
internal import Glibc
internal import Linux

extension Supervision {
  /// What a supervisor waits for while its container runs.
  enum Source {
    case end
    case listener
    case client(Client)
    case stream(LogStream)
    case input
    case signals
    case healthEnd
    case healthOutput
    case memory

    var isEnd: Bool { if case .end = self { true } else { false } }
    var concernsMemory: Bool {
      switch self {
      case .end, .memory: true;
      default: false
      }
    }
  }

  /// Serves the container and the commands until the container's process has ended; answers its exit code.
  func watch() -> Int32 {
    guard let streams else { return 125 }
    tell(.started)
    // From here on there is little to do, perhaps for months.
    clinux_forget_code()
    // The descriptor tells only that memory may have run out; the count tells whether somebody was killed.
    memory = record.options.limits.memory == nil ? nil : try? cgroup?.outOfMemoryMonitor()
    var kills: UInt64 = 0
    while true {
      var poller = Poller<Source>()
      poller.add(process?.pidDescriptor ?? -1, .end)
      poller.add(signals, .signals)
      if !clients.contains(where: \.isSlow) { for source in streams.sources { poller.add(source.descriptor, .stream(source.stream)) } }
      if streams.hasPendingInput { poller.add(streams.input, .input, reads: false, writes: true) }
      poller.add(memory?.file.descriptor ?? -1, .memory, events: memory?.events ?? 0)
      addCommands(to: &poller)
      if let health {
        poller.add(health.processDescriptor, .healthEnd)
        poller.add(health.outputDescriptor, .healthOutput)
      }
      let happened = poller.wait(milliseconds: timeout)
      for (source, _) in happened {
        if case .memory = source { memory?.acknowledge() } else { take(source, streams) }
      }
      passDeadlines()
      if happened.contains(where: { $0.tag.concernsMemory }) { countKills(&kills) }
      if happened.contains(where: { $0.tag.isEnd }) { break }
    }
    drain(streams)
    do { return try process?.wait() ?? 125 } catch {
      complain(error)
      return 255
    }
  }

  /// Adds the commands to what is waited for.
  func addCommands(to poller: inout Poller<Source>) {
    poller.add(listener?.descriptor ?? -1, .listener)
    for client in clients { poller.add(client.descriptor, .client(client), reads: streams?.takesInput ?? true, writes: client.hasOutput) }
  }

  /// Serves one of the things that do not need a running container.
  func takeCommand(_ source: Source) {
    switch source {
    case .listener: accept()
    case .client(let client):
      client.flush()
      handle(client)
      if client.isGone { clients.removeAll { $0 === client } }
    default: break
    }
  }

  /// Takes what a command has sent.
  func handle(_ client: Client) {
    for frame in client.receive() {
      switch frame {
      case .input(let bytes) where client.wishes.contains(.input): streams?.give(bytes)
      case .inputEnd where client.wishes.contains(.input): streams?.endInput()
      case .size(let rows, let columns):
        terminalSize = (rows, columns)
        streams?.resize(rows: rows, columns: columns)
      default: break
      }
    }
  }

  private func take(_ source: Source, _ streams: ContainerStreams) {
    switch source {
    case .end, .memory: break
    case .stream(let stream): if let data = streams.read(stream) { emit(data, stream) }
    case .input: streams.writePending()
    case .signals: stopBySignal()
    case .healthEnd: if let verdict = health?.checkEnded() { recordHealth(verdict) }
    case .healthOutput: health?.readOutput()
    case .listener, .client: takeCommand(source)
    }
  }

  /// Records that the kernel has killed processes because memory was short.
  private func countKills(_ known: inout UInt64) {
    let kills = (try? cgroup?.outOfMemoryKills()) ?? 0
    if kills > known { events.append(Event("oom", record)) }
    known = kills
    record.status.wasKilledForMemory = kills > 0
  }

  private func accept() {
    while let listener = listener?.descriptor {
      let descriptor = clinux_accept(listener)
      if descriptor < 0 { return }
      let client = Client(descriptor)
      clients.append(client)
      handle(client)
      if process != nil { client.send(.started) }
    }
  }

  private func emit(_ data: [UInt8], _ stream: LogStream) {
    log?.write(stream, data[...])
    let readers = clients.filter { $0.wishes.contains(.output) }
    if readers.isEmpty { return }
    let frame = stream == .output ? Frame.output(data) : .errors(data)
    for client in readers { client.send(frame) }
  }

  /// After the end: everything that was printed is in the pipes, and nobody of the container is left to print more.
  private func drain(_ streams: ContainerStreams) {
    for stream in [LogStream.output, .errors] { while let data = streams.read(stream) { emit(data, stream) } }
    log?.finish()
  }

  private var timeout: Int32 {
    let moments = [killDeadline?.remaining, health?.remaining].compactMap { $0 }
    return moments.min() ?? -1
  }

  private func passDeadlines() {
    if let deadline = killDeadline, deadline.remaining == 0 {
      killDeadline = nil
      signal(.kill)
    }
    guard let health, health.remaining == 0, let pid = process?.processID else { return }
    if let verdict = health.timePassed(in: pid, checkSpecification) { recordHealth(verdict) }
  }

  /// SIGTERM to the supervisor, as at a shutdown, is a stop of the container.
  private func stopBySignal() {
    guard clinux_next_signal(signals) > 0, killDeadline == nil else { return }
    do { record = try store.update(id) { $0.status.wasStopped = true } } catch { complain(error) }
    killDeadline = Deadline(milliseconds: Int32(clamping: (record.options.stopTimeout ?? 10) * 1000))
    signal(record.stopSignal)
  }

  private func signal(_ signal: Signal) {
    // Our child, which is not reaped before `wait`: the number is its own.
    if let pid = process?.processID { Glibc.kill(pid, signal.number) }
  }
}
