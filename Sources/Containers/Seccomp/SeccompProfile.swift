/// Which system calls get which answer, before the kernel's numbers of an architecture are known.
struct SeccompProfile: Equatable, Sendable {
  /// What happens instead of, or with, a call.
  enum Action: Equatable, Sendable {
    case allow
    /// Fails with this error number.
    case fail(UInt16)
    case killProcess
    case killThread
    case trap
    /// A tracer decides, who is told this number.
    case trace(UInt16)
    case log
  }

  /// A test of one argument; all tests of a rule must hold.
  struct Argument: Equatable, Sendable {
    enum Comparison: Equatable, Sendable {
      case notEqual
      case less
      case lessOrEqual
      case equal
      case greaterOrEqual
      case greater
      /// Equal after the argument has been masked.
      case maskedEqual(mask: UInt64)
    }

    /// The argument's position, 0 to 5.
    let index: UInt32
    let comparison: Comparison
    let value: UInt64
  }

  struct Rule: Equatable, Sendable {
    let names: [String]
    let action: Action
    var arguments: [Argument] = []
  }

  /// The action for every call that no rule names.
  var defaultAction: Action
  var rules: [Rule]
  /// SCMP_ARCH_… besides the machine's own, as seccomp's functions name them: x86, x32.
  var architectures: [String]
  /// SECCOMP_FILTER_FLAG_…
  var flags: UInt32 = 0

  /// The 32-bit architectures whose programs the machine also runs.
  #if arch(x86_64)
    static let relatedArchitectures = ["x86", "x32"]
  #else
    static let relatedArchitectures = ["arm"]
  #endif
}
