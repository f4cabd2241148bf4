import CContainer
import CSeccomp

/// A compiled program of the kernel's that decides about each system call, seccomp(2).
struct SeccompFilter {
  /// Instructions; none: everything is allowed.
  var instructions: [sock_filter] = []
  /// SECCOMP_FILTER_FLAG_…
  var flags: UInt32 = 0

  /// Tells the init to go on with this filter.
  func send(to control: Int32) -> Int32 { cinit_go(control, instructions, instructions.count, flags) }
}
