internal import Glibc
internal import Linux

extension Signals {
  /// What a shell or a person sends, and what tells of a new size.
  static var proxied: [Int32] { [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGCONT] }
}
