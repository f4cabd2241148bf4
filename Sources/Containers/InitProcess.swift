import CContainer
import CLinux
import Glibc
import Linux

/// The init on its way: the parent's side of the conversation.
struct InitProcess: ~Copyable {
  private(set) var processID: Int32
  private(set) var pidfd: Int32
  /// The terminal's controlling end, from when the init is ready.
  private(set) var terminal: Int32 = -1
  private var control: Int32

  init(_ process: cinit_process) {
    processID = process.pid
    pidfd = process.pidfd
    control = process.control
  }

  deinit {
    // An init that has not become its program ends when its socket does; nobody else will ask for its exit status.
    if control >= 0 {
      cinit_kill(pidfd, SIGKILL)
      cinit_wait(pidfd)
      close(control)
    }
    if terminal >= 0 { close(terminal) }
    close(pidfd)
  }

  /// Writes the mappings of the init's user namespace.
  func map(_ mapping: UserMapping) throws(ContainerError) {
    do {
      // An ordinary user may map its own group only after giving up to leave groups.
      if geteuid() != 0 { try write("deny", to: "setgroups") }
      try write(mapping.users.map(\.line).joined(), to: "uid_map")
      try write(mapping.groups.map(\.line).joined(), to: "gid_map")
    } catch { throw .failed(error) }
  }

  /// Lets the init go on in its mapped user namespace, with mounts that it could not make itself.
  func goOn(with mounts: [Int32]) throws(ContainerError) {
    let outcome = cinit_mapped(control, mounts, Int32(mounts.count))
    guard outcome >= 0 else { throw .failed(Errno(rawValue: -outcome), "pass the container's mounts to its init") }
  }

  private func write(_ text: String, to name: String) throws(SystemError) {
    let path = "/proc/\(processID)/\(name)"
    do { try OwnedFile(path, flags: [.writeOnly]).write(Array(text.utf8)) } catch { throw SystemError(error.code, "write \(path)") }
  }

  /// Whether the init has ended.
  var hasEnded: Bool {
    var state = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
    return poll(&state, 1, 0) == 1
  }

  /// Waits until the init has prepared everything but the program. A failure is what `explain` says of it.
  mutating func awaitReady(_ explain: (cinit_message) -> ContainerError) throws(ContainerError) {
    var message = cinit_message()
    guard cinit_receive(control, &message, &terminal) == 1 else { throw ended() }
    if message.step != 0 { throw explain(message) }
  }

  /// Lets the init become its program; returns when it has.
  mutating func go(_ filter: SeccompFilter, _ explain: (cinit_message) -> ContainerError) throws(ContainerError) {
    guard filter.send(to: control) >= 0 else { throw ended() }
    var message = cinit_message(), nothing: Int32 = -1, failure: ContainerError?
    while cinit_receive(control, &message, &nothing) == 1 {
      if nothing >= 0 { close(nothing) }
      if message.step != 0 { failure = explain(message) } else { follow(message.index) }
    }
    if let failure { throw failure }
    close(control)
    control = -1
  }

  /// The stub of a program that joins a container goes on in another child of ours, and ends.
  private mutating func follow(_ child: Int32) {
    let descriptor = cinit_open_child(child)
    guard descriptor >= 0 else { return }
    cinit_wait(pidfd)
    close(pidfd)
    (processID, pidfd) = (child, descriptor)
  }

  private func ended() -> ContainerError { .failed(.noProcess, "the container's init was killed before it could start the program") }
}
