/// The process that stays with a container: it holds its terminal and logs, waits for its end, and cleans up.
public struct Supervisor {
  /// The first argument that makes this executable a supervisor.
  public static let flag = "--supervise"

  /// Supervises the container that the arguments name, and answers the process's exit code.
  public static func main(_ arguments: [String]) -> Int32 { 1 }
}
