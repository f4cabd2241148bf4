import CContainer
import Linux

/// Puts what the init reports into a sentence.
struct FailedStep {
  private let program: ProgramPlan
  private let container: ContainerPlan?

  init(_ plan: ContainerPlan) { (program, container) = (plan.program, plan) }

  init(_ program: ProgramPlan) { (self.program, container) = (program, nil) }

  /// The error that a message reports.
  func error(_ message: cinit_message) -> ContainerError {
    let code = Errno(rawValue: message.error), index = Int(message.index)
    // What the program writes into the socket before it closes is not to be trusted; an unknown step is reported as such.
    switch cinit_step(rawValue: UInt32(bitPattern: message.step)) {
    case CINIT_STEP_LOOKUP, CINIT_STEP_EXECUTE: return programError(code, isSearch: index == 1)
    case CINIT_STEP_USER where code == .noEntry:
      return .invalid("unable to find user \(userPart): no matching entries in passwd file")
    case CINIT_STEP_USER: return .invalid("user \(userPart): expected a name or a number from 0 to 2147483647")
    case CINIT_STEP_GROUP where code == .noEntry:
      return .invalid("unable to find group \(group(index)): no matching entries in group file")
    case CINIT_STEP_GROUP: return .invalid("group \(group(index)): expected a name or a number from 0 to 2147483647")
    case CINIT_STEP_FOLDER where code == .otherDevice:
      return .invalid("the working directory \(program.workingFolder) is outside the container's root file system")
    case CINIT_STEP_CREDENTIALS where code == .invalid:
      return .invalid("become the user \(program.user.name): the container's user namespace has no such user or group")
    case CINIT_STEP_PROC_TARGET: return .invalid("mount \(mount(index)): the target is inside the container's /proc")
    case let step: return .failed(code, operation(step, index))
    }
  }

  private func programError(_ code: Errno, isSearch: Bool) -> ContainerError {
    let command = program.arguments[0]
    if isSearch { return ContainerError(reason: .notFound, description: "exec: \"\(command)\": executable file not found in $PATH") }
    return ContainerError(reason: code == .noEntry ? .notFound : .notExecutable, description: "exec: \"\(command)\": \(code)")
  }

  private var userPart: String { String(program.user.name.prefix { $0 != ":" }) }

  private func group(_ index: Int) -> String {
    let groups = program.user.additionalGroups
    return groups.indices.contains(index) ? groups[index] : String(program.user.name.drop { $0 != ":" }.dropFirst())
  }

  private func mount(_ index: Int) -> String {
    guard let mounts = container?.mounts, mounts.indices.contains(index) else { return "\(index)" }
    return "\(mounts[index].source) on \(mounts[index].target)"
  }

  private func name(_ list: [String]?, _ index: Int) -> String {
    if let list, list.indices.contains(index) { list[index] } else { "number \(index)" }
  }

  private func layer(_ index: Int) -> String {
    guard case .overlay(let lower, let upper, let work, _)? = container?.specification.root else { return "" }
    return name(lower + [upper, work], index)
  }

  private func operation(_ step: cinit_step, _ index: Int) -> String {
    switch step {
    case CINIT_STEP_IDENTITY: "become root of the container's user namespace"
    case CINIT_STEP_JOIN: "join the namespace \(name(container?.specification.namespaces.joined, index))"
    case CINIT_STEP_CGROUP: "enter the container's cgroups"
    case CINIT_STEP_NAMESPACE: "create a cgroup namespace"
    case CINIT_STEP_LOOPBACK: "switch on the loopback interface"
    case CINIT_STEP_STREAMS: "pass on standard input, output and error"
    case CINIT_STEP_PRIVATE: "separate the container's mounts from the host's"
    case CINIT_STEP_LAYER: "open the layer \(layer(index))"
    case CINIT_STEP_ROOT: "mount the root file system"
    case CINIT_STEP_TARGET: "create the target of the mount \(mount(index))"
    case CINIT_STEP_SOURCE: "open the source of the mount \(mount(index))"
    case CINIT_STEP_MOUNT: "mount \(mount(index))"
    case CINIT_STEP_DEVICE: "create the device \(name(container?.devices.map(\.path), index))"
    case CINIT_STEP_LINK: "create the link /dev/\(name(StandardPaths.links.map(\.name), index))"
    case CINIT_STEP_TERMINAL: "create a terminal"
    case CINIT_STEP_MASK: "hide \(name(container?.masked, index))"
    case CINIT_STEP_READ_ONLY: "make \(name(container?.readOnly, index)) read-only"
    case CINIT_STEP_PIVOT: "change the root"
    case CINIT_STEP_ROOT_READ_ONLY: "make the root file system read-only"
    case CINIT_STEP_HOST_NAME: "set the host name \(program.hostName ?? "")"
    case CINIT_STEP_SYSCTL: sysctl(index)
    case CINIT_STEP_LIMIT: "set the ulimit \(name(program.limits.map(\.name), index))"
    case CINIT_STEP_OOM_SCORE: "set the oom score adjustment \(program.oomScoreAdjustment ?? 0)"
    case CINIT_STEP_FOLDER: "enter the working directory \(program.workingFolder)"
    case CINIT_STEP_CAPABILITIES: "drop capabilities"
    case CINIT_STEP_CREDENTIALS: "become the user \(program.user.name)"
    case CINIT_STEP_FILTER: "install the seccomp filter"
    case CINIT_STEP_STUB: "run the stub that runs \(program.arguments[0])"
    default: "prepare the container"
    }
  }

  private func sysctl(_ index: Int) -> String {
    guard let sysctls = container?.sysctls, sysctls.indices.contains(index) else { return "set a sysctl" }
    return "set the sysctl \(sysctls[index].name) to \(sysctls[index].value)"
  }
}
