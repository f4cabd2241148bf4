import CLinux
import Glibc
import Linux

/// A second network namespace inside a test: a container, or another host. It lasts as long as the value and the processes in it.
public final class TestNamespace {
  private let namespace: NetworkNamespace

  /// Makes a namespace; the calling thread stays where it is. The loopback interface is down, as a runtime leaves it.
  public init() throws {
    let home = try NetworkNamespace.current()
    guard clinux_unshare(CLONE_NEWNET) == 0 else { throw SystemError(.last, "unshare a network namespace") }
    namespace = try NetworkNamespace.current()
    guard clinux_enter_network_namespace(home.file.descriptor) == 0 else { throw SystemError(.last, "return to the test's namespace") }
  }

  /// Opens a namespace that a program has made.
  public init(path: String) throws { namespace = try NetworkNamespace(path: path) }

  /// A path that every process can open as long as this value lives: what CNI_NETNS names.
  public var path: String { "/proc/\(getpid())/fd/\(namespace.file.descriptor)" }

  /// Runs `body`, and the programs it starts, inside the namespace.
  @discardableResult
  public func run<Result>(_ body: () throws -> Result) throws -> Result { try namespace.inside(body) }
}
