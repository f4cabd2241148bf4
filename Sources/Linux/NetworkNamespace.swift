import CLinux
import Glibc

/// An open reference to a network namespace, which it keeps alive.
public struct NetworkNamespace: ~Copyable {
  /// The open namespace file.
  public let file: OwnedFile

  /// Opens the namespace that a path names: `/run/netns/a`, `/proc/123/ns/net`. Fails with EINVAL if the file is no network namespace.
  public init(path: String) throws(SystemError) {
    let file = try OwnedFile(path)
    guard clinux_is_network_namespace(file.descriptor) == 1 else { throw SystemError(.invalid, "\(path) is not a network namespace") }
    self.file = file
  }

  /// The namespace that the calling thread is in.
  public static func current() throws(SystemError) -> NetworkNamespace { try NetworkNamespace(path: "/proc/thread-self/ns/net") }

  /// Moves the calling thread into the namespace.
  public func enter() throws(SystemError) {
    try checked(clinux_enter_network_namespace(file.descriptor), "enter a network namespace")
  }

  /// Runs `body` inside the namespace, and comes back. Only for opening what stays bound to the namespace, such as sockets.
  public func inside<Result: ~Copyable>(_ body: () throws -> Result) throws -> Result {
    let home = try NetworkNamespace.current()
    try enter()
    let result = Swift.Result<Result, any Error> { try body() }
    try home.enter()
    return try result.get()
  }

  /// Whether both references name one namespace.
  public func isSame(as other: borrowing NetworkNamespace) throws(SystemError) -> Bool {
    try file.identity() == other.file.identity()
  }
}
