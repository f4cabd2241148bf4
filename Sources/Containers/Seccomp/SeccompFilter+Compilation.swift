import CLinux
import CSeccomp
import Glibc
import Linux

extension SeccompFilter {
  /// Compiles a profile for this machine, with libseccomp.
  init(_ profile: SeccompProfile) throws(ContainerError) {
    guard let context = seccomp_init(SeccompFilter.number(profile.defaultAction)) else {
      throw .failed(.noMemory, "create a seccomp filter")
    }
    defer { seccomp_release(context) }
    // We decide about no_new_privs ourselves.
    seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, 0)
    // A binary tree: a dozen comparisons for a call instead of hundreds.
    seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2)
    for architecture in profile.architectures {
      let outcome = seccomp_arch_add(context, seccomp_arch_resolve_name(architecture))
      guard outcome == 0 || outcome == -EEXIST else {
        throw .failed(Errno(rawValue: -outcome), "add the architecture \(architecture) to the seccomp filter")
      }
    }
    for rule in profile.rules where rule.action != profile.defaultAction { try SeccompFilter.add(rule, to: context) }
    instructions = try SeccompFilter.export(context)
    flags = profile.flags
  }

  private static func add(_ rule: SeccompProfile.Rule, to context: scmp_filter_ctx) throws(ContainerError) {
    let action = number(rule.action)
    // libseccomp takes one test of each argument in a rule; as runc does, further ones make rules of their own.
    let indices = rule.arguments.map(\.index)
    let groups = Set(indices).count == indices.count ? [rule.arguments] : rule.arguments.map { [$0] }
    for name in rule.names {
      let call = seccomp_syscall_resolve_name(name)
      // A call that this libseccomp does not know yet, and so the default action.
      if call == unknownCall { continue }
      for group in groups {
        let outcome = group.map(comparison).withUnsafeBufferPointer {
          seccomp_rule_add_array(context, action, call, UInt32($0.count), $0.baseAddress)
        }
        guard outcome == 0 || outcome == -EEXIST else {
          throw .failed(Errno(rawValue: -outcome), "add the system call \(name) to the seccomp filter")
        }
      }
    }
  }

  /// __NR_SCMP_ERROR, for names that libseccomp does not know.
  private static let unknownCall: Int32 = -1

  /// libseccomp's number of an action, SCMP_ACT_….
  static func number(_ action: SeccompProfile.Action) -> UInt32 {
    switch action {
    case .allow: 0x7fff_0000
    case .fail(let error): 0x0005_0000 | UInt32(error)
    case .killProcess: 0x8000_0000
    case .killThread: 0
    case .trap: 0x0003_0000
    case .trace(let message): 0x7ff0_0000 | UInt32(message)
    case .log: 0x7ffc_0000
    }
  }

  /// libseccomp's form of a test.
  static func comparison(_ argument: SeccompProfile.Argument) -> scmp_arg_cmp {
    func test(_ operation: scmp_compare) -> scmp_arg_cmp {
      scmp_arg_cmp(arg: argument.index, op: operation, datum_a: argument.value, datum_b: 0)
    }
    switch argument.comparison {
    case .notEqual: return test(SCMP_CMP_NE)
    case .less: return test(SCMP_CMP_LT)
    case .lessOrEqual: return test(SCMP_CMP_LE)
    case .equal: return test(SCMP_CMP_EQ)
    case .greaterOrEqual: return test(SCMP_CMP_GE)
    case .greater: return test(SCMP_CMP_GT)
    case .maskedEqual(let mask):
      return scmp_arg_cmp(arg: argument.index, op: SCMP_CMP_MASKED_EQ, datum_a: mask, datum_b: argument.value)
    }
  }

  private static func export(_ context: scmp_filter_ctx) throws(ContainerError) -> [sock_filter] {
    do throws(SystemError) {
      let descriptor = clinux_unnamed_file("seccomp")
      guard descriptor >= 0 else { throw SystemError(Errno(rawValue: -descriptor), "create an unnamed file") }
      let file = OwnedFile(adopting: descriptor)
      let outcome = seccomp_export_bpf(context, file.descriptor)
      guard outcome == 0 else { throw SystemError(Errno(rawValue: -outcome), "compile the seccomp filter") }
      lseek(file.descriptor, 0, SEEK_SET)
      return SeccompFilter.instructions(try file.readToEnd())
    } catch { throw .failed(error) }
  }

  /// The instructions in their binary form.
  static func instructions(_ bytes: [UInt8]) -> [sock_filter] {
    bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / MemoryLayout<sock_filter>.size).map {
        bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<sock_filter>.size, as: sock_filter.self)
      }
    }
  }
}
