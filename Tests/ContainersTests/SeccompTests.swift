import Containers
import Glibc
import Linux
import TestSupport
import Testing

@Suite("Seccomp", .networkNamespace)
struct SeccompTests {
  /// Calls that programs need; the answer to the last is what the container says of the call.
  private static let attempt = """
    import ctypes, os, sys
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    print(libc.syscall(*[ctypes.c_long(int(word, 0)) for word in sys.argv[1:]]), ctypes.get_errno())
    """

  /// What a container's python says of a system call: its value and error number.
  private func call(_ number: Int, _ arguments: Int..., change: (inout ContainerSpecification) -> Void = { _ in }) throws -> String {
    let root = try BusyboxRoot()
    var container = try root.hostProgram()
    container.arguments = ["python3", "-c", SeccompTests.attempt, "\(number)"] + arguments.map(String.init)
    change(&container)
    return try Run(container).lines.last ?? ""
  }

  @Test(
    "calls that are not for containers are refused, although the container's root asks",
    arguments: [
      ("add_key", 248, "-1 1"), ("keyctl", 250, "-1 1"), ("mount", 165, "-1 1"), ("unshare", 272, "-1 1"), ("kexec_load", 246, "-1 1"),
      ("bpf", 321, "-1 1"), ("clone3", 435, "-1 38"), ("userfaultfd", 323, "-1 1"), ("io_uring_setup", 425, "-1 1"),
    ])
  func refused(name: String, number: Int, answer: String) throws {
    #expect(try call(number, 0, 0, 0, 0, 0) == answer)
    // The filter did it: without one, the kernel has something else to say.
    #expect(
      try call(number, 0, 0, 0, 0, 0) {
        $0.seccomp = .unconfined; $0.capabilities = .all
      } != answer)
  }

  @Test("new namespaces cannot be made by clone, sockets to the hypervisor not be opened")
  func arguments() throws {
    #expect(try call(56, 0x1000_0000 | 17, 0, 0, 0, 0).hasPrefix("-1 1"))
    #expect(try call(41, 40, 1, 0) == "-1 1")
    #expect(try !call(41, 2, 1, 0).hasPrefix("-1"))
  }
}
