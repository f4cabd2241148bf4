import CLinux
import Glibc
import JSON
import Linux

/// Reading docker's format: the OCI runtime specification's `linux.seccomp`, with `archMap`, and rules by capability, architecture and kernel.
extension SeccompProfile {
  /// Reads a profile for a process that can have these capabilities.
  init(file path: String, _ capabilities: CapabilitySet) throws(ContainerError) {
    do {
      try self.init(JSONValue(parsing: FileSystem.read(path, limit: 1 << 22)), capabilities)
    } catch let error as ContainerError {
      throw .invalid("seccomp profile \(path): \(error.description)")
    } catch {
      throw .invalid("seccomp profile \(path): \(error)")
    }
  }

  init(_ profile: JSONValue, _ capabilities: CapabilitySet) throws(ContainerError) {
    guard case .object(let object) = profile else { throw .invalid("expected an object, found \(profile.kind)") }
    let failure = try SeccompProfile.number(object["defaultErrnoRet"], "defaultErrnoRet") ?? UInt64(EPERM)
    defaultAction = try SeccompProfile.action(object["defaultAction"], failure, "defaultAction")
    architectures = try SeccompProfile.architectures(object)
    rules = []
    for (index, entry) in try SeccompProfile.list(object["syscalls"], "syscalls").enumerated() {
      guard case .object(let rule) = entry else { throw .invalid("syscalls[\(index)]: expected an object, found \(entry.kind)") }
      do {
        guard try SeccompProfile.applies(rule, capabilities) else { continue }
        rules.append(try SeccompProfile.rule(rule, failure))
      } catch { throw .invalid("syscalls[\(index)].\(error.description)") }
    }
    for flag in try SeccompProfile.texts(object["flags"], "flags") {
      guard let bit = ["SECCOMP_FILTER_FLAG_TSYNC": 1, "SECCOMP_FILTER_FLAG_LOG": 2, "SECCOMP_FILTER_FLAG_SPEC_ALLOW": 4][flag] else {
        throw .invalid("flags: \"\(flag)\" is not a flag of seccomp(2) that a profile may have")
      }
      flags |= UInt32(bit)
    }
  }

  private static func rule(_ rule: JSONObject, _ failure: UInt64) throws(ContainerError) -> Rule {
    var names = try texts(rule["names"], "names")
    if case .string(let name)? = rule["name"] { names.append(name) }
    guard !names.isEmpty else { throw .invalid("names: expected at least one system call") }
    let failure = try number(rule["errnoRet"], "errnoRet") ?? failure
    var arguments: [Argument] = []
    for value in try list(rule["args"], "args") {
      guard case .object(let object) = value else { throw .invalid("args: expected objects, found \(value.kind)") }
      arguments.append(try argument(object))
    }
    return Rule(names: names, action: try action(rule["action"], failure, "action"), arguments: arguments)
  }

  private static func argument(_ object: JSONObject) throws(ContainerError) -> Argument {
    let index = try number(object["index"], "args.index") ?? 0, value = try number(object["value"], "args.value") ?? 0
    let second = try number(object["valueTwo"], "args.valueTwo") ?? 0
    guard index < 6 else { throw .invalid("args.index: \(index) is no argument's position: expected 0 to 5") }
    let name = try text(object["op"], "args.op")
    let comparison: Argument.Comparison
    switch name {
    case "SCMP_CMP_NE": comparison = .notEqual
    case "SCMP_CMP_LT": comparison = .less
    case "SCMP_CMP_LE": comparison = .lessOrEqual
    case "SCMP_CMP_EQ": comparison = .equal
    case "SCMP_CMP_GE": comparison = .greaterOrEqual
    case "SCMP_CMP_GT": comparison = .greater
    case "SCMP_CMP_MASKED_EQ": return Argument(index: UInt32(index), comparison: .maskedEqual(mask: value), value: second)
    default: throw .invalid("args.op: \"\(name)\" is no comparison: expected SCMP_CMP_EQ, NE, LT, LE, GE, GT or MASKED_EQ")
    }
    return Argument(index: UInt32(index), comparison: comparison, value: value)
  }

  private static func action(_ value: JSONValue?, _ failure: UInt64, _ field: String) throws(ContainerError) -> Action {
    let name = try text(value, field)
    switch name {
    case "SCMP_ACT_ALLOW": return .allow
    case "SCMP_ACT_ERRNO": return .fail(UInt16(truncatingIfNeeded: failure))
    case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD": return .killThread
    case "SCMP_ACT_KILL_PROCESS": return .killProcess
    case "SCMP_ACT_TRAP": return .trap
    case "SCMP_ACT_TRACE": return .trace(UInt16(truncatingIfNeeded: failure))
    case "SCMP_ACT_LOG": return .log
    default: throw .invalid("\(field): \"\(name)\" is no action: expected SCMP_ACT_ALLOW, ERRNO, KILL, KILL_PROCESS, TRAP, TRACE or LOG")
    }
  }

  /// Whether a rule is for these capabilities, this machine and this kernel.
  private static func applies(_ rule: JSONObject, _ capabilities: CapabilitySet) throws(ContainerError) -> Bool {
    let includes = try conditions(rule["includes"], "includes"), excludes = try conditions(rule["excludes"], "excludes")
    if !includes.capabilities.allSatisfy({ has($0, capabilities) }) || excludes.capabilities.contains(where: { has($0, capabilities) }) {
      return false
    }
    if !includes.architectures.isEmpty, !includes.architectures.contains(machine) { return false }
    if excludes.architectures.contains(machine) { return false }
    if let kernel = includes.kernel, KernelVersion.current < kernel { return false }
    if let kernel = excludes.kernel, KernelVersion.current >= kernel { return false }
    return true
  }

  private static func has(_ name: String, _ capabilities: CapabilitySet) -> Bool {
    guard let capability = try? CapabilitySet(named: name) else { return false }
    return capabilities.isSuperset(of: capability)
  }

  #if arch(x86_64)
    private static let machine = "amd64"
  #else
    private static let machine = "arm64"
  #endif

  private static func conditions(
    _ value: JSONValue?, _ field: String
  ) throws(ContainerError) -> (capabilities: [String], architectures: [String], kernel: KernelVersion?) {
    guard let value, value != .null else { return ([], [], nil) }
    guard case .object(let object) = value else { throw .invalid("\(field): expected an object, found \(value.kind)") }
    var kernel: KernelVersion?
    if let text = object["minKernel"], text != .null, text != "" {
      guard case .string(let text) = text, let version = KernelVersion(text) else {
        throw .invalid("\(field).minKernel: expected a version such as \"4.8\"")
      }
      kernel = version
    }
    return (try texts(object["caps"], "\(field).caps"), try texts(object["arches"], "\(field).arches"), kernel)
  }

  /// `architectures`, or what `archMap` has for this machine.
  private static func architectures(_ object: JSONObject) throws(ContainerError) -> [String] {
    var names = try texts(object["architectures"], "architectures")
    for entry in try list(object["archMap"], "archMap") {
      guard case .object(let map) = entry else { throw .invalid("archMap: expected objects, found \(entry.kind)") }
      let own = machine == "amd64" ? "SCMP_ARCH_X86_64" : "SCMP_ARCH_AARCH64"
      if try text(map["architecture"], "archMap.architecture") == own {
        names += try texts(map["subArchitectures"], "archMap.subArchitectures")
      }
    }
    return names.map { String($0.lowercased().dropFirst($0.hasPrefix("SCMP_ARCH_") ? 10 : 0)) }
  }

  private static func list(_ value: JSONValue?, _ field: String) throws(ContainerError) -> [JSONValue] {
    guard let value, value != .null else { return [] }
    guard case .array(let elements) = value else { throw .invalid("\(field): expected an array, found \(value.kind)") }
    return elements
  }

  private static func texts(_ value: JSONValue?, _ field: String) throws(ContainerError) -> [String] {
    var result: [String] = []
    for element in try list(value, field) { result.append(try text(element, field)) }
    return result
  }

  private static func text(_ value: JSONValue?, _ field: String) throws(ContainerError) -> String {
    guard case .string(let text)? = value else { throw .invalid("\(field): expected a string, found \((value ?? .null).kind)") }
    return text
  }

  private static func number(_ value: JSONValue?, _ field: String) throws(ContainerError) -> UInt64? {
    switch value {
    case nil, .null?: return nil
    case .integer(let number)?: return UInt64(bitPattern: number)
    // Beyond what a signed number of 64 bits holds, which masks may be.
    case .real(let number)? where number >= 0 && number < 18_446_744_073_709_551_616: return UInt64(number)
    case let value?: throw .invalid("\(field): expected a number, found \(value.kind)")
    }
  }
}
