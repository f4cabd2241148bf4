import CContainer
import Glibc

/// What the init becomes in the end, for a new container as for a program that joins one.
struct ProgramPlan {
  var arguments: [String]
  var environment: [String]
  var workingFolder: String
  var user: ProcessUser
  var umask: UInt32
  var hostName: String?
  var bounding: CapabilitySet
  var allowsNewPrivileges: Bool
  var limits: [ResourceLimit] = []
  var oomScoreAdjustment: Int?
  var streams: StandardStreams
  var hasReaper = false
  var endsWithParent = false

  /// The search path of a container that says none, as docker's is.
  private static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  /// The structure for the init, in memory that `arena` owns.
  func lowered(into arena: Arena) throws(ContainerError) -> cinit_program {
    try check()
    let environment = completeEnvironment
    var program = cinit_program()
    program.arguments = UnsafePointer(arena.strings(arguments))
    program.environment = arena.strings(environment, spare: 1)
    program.adds_home = environment.contains { $0.hasPrefix("HOME=") } ? 0 : 1
    program.search_path = UnsafePointer(arena.string(value(of: "PATH", in: environment) ?? ProgramPlan.searchPath))
    program.folder = UnsafePointer(arena.string(workingFolder.isEmpty ? "/" : workingFolder))
    program.creates_folder = 1
    program.user = UnsafePointer(arena.string(user.name))
    program.additional_groups = UnsafePointer(arena.constantStrings(user.additionalGroups))
    program.additional_group_count = Int32(user.additionalGroups.count)
    program.bounding = bounding.rawValue
    program.no_new_privileges = allowsNewPrivileges ? 0 : 1
    program.umask = umask
    let limits = limits.map {
      cinit_limit(resource: $0.resource, value: rlimit(rlim_cur: rlim_t($0.soft), rlim_max: rlim_t($0.hard)))
    }
    program.limits = UnsafePointer(arena.list(limits))
    program.limit_count = Int32(limits.count)
    program.has_oom_score = oomScoreAdjustment == nil ? 0 : 1
    program.oom_score = Int32(oomScoreAdjustment ?? 0)
    program.has_reaper = hasReaper ? 1 : 0
    program.ends_with_parent = endsWithParent ? 1 : 0
    switch streams {
    case .descriptors(let input, let output, let errors): program.streams = (input, output, errors)
    case .terminal(let rows, let columns):
      program.has_terminal = 1
      (program.rows, program.columns) = (rows, columns)
    }
    return program
  }

  private func check() throws(ContainerError) {
    guard let command = arguments.first, !command.isEmpty else { throw .invalid("no command: expected a program's name or path") }
    guard workingFolder.isEmpty || workingFolder.hasPrefix("/") else {
      throw .invalid("the working directory \"\(workingFolder)\" is invalid, it needs to be an absolute path")
    }
    for text in arguments + environment + [workingFolder, user.name] where text.utf8.contains(0) {
      throw .invalid("\"\(text.prefix { $0 != "\0" })\" contains a zero byte")
    }
    if let score = oomScoreAdjustment, !(-1000...1000).contains(score) {
      throw .invalid("oom-score-adj \(score): expected a number between -1000 and 1000")
    }
  }

  private var completeEnvironment: [String] {
    var added: [String] = []
    func add(_ name: String, _ value: String?) {
      if let value, self.value(of: name, in: environment) == nil { added.append("\(name)=\(value)") }
    }
    add("PATH", ProgramPlan.searchPath)
    add("HOSTNAME", hostName)
    add("TERM", streams.isTerminal ? "xterm" : nil)
    return added + environment
  }

  /// The last value counts, as it does for most programs.
  private func value(of name: String, in environment: [String]) -> String? {
    environment.last { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.utf8.count + 1)) }
  }
}
