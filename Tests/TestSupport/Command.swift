import Glibc
public import JSON
import Linux

/// A program that a test runs in its own namespaces, as a person would in a shell.
public struct Command {
  /// How the program ended and what it said.
  public struct Output: CustomStringConvertible {
    /// The exit status, or 128 + the signal's number.
    public let status: Int32
    /// The standard output.
    public let text: String
    /// The standard error.
    public let errors: String

    /// The standard output as JSON; throws if it is not.
    public var json: JSONValue { get throws { try JSONValue(parsing: Array(text.utf8)) } }
    /// For messages of failed tests.
    public var description: String { "exit \(status)\n\(text)\(errors)" }
  }

  /// A program that did not end with status 0, with all it said.
  public struct Failure: Error, CustomStringConvertible {
    /// The command line, its status and its output.
    public let description: String

    /// Says what failed.
    public init(description: String) { self.description = description }
  }

  /// Runs a program found in PATH, whatever its exit status. `environment` replaces the test's own.
  public static func attempt(_ words: [String], input: String = "", environment: [String: String]? = nil) throws -> Output {
    guard let path = find(words[0]) else { throw Failure(description: "\(words[0]): not found in PATH") }
    let variables = environment?.map { "\($0.key)=\($0.value)" } ?? inherited
    let outcome = try ChildProcess(path: path, arguments: words, environment: variables).run(
      input: Array(input.utf8), capturingErrors: true)
    return Output(
      status: outcome.status, text: String(decoding: outcome.output, as: UTF8.self), errors: String(decoding: outcome.errors, as: UTF8.self)
    )
  }

  /// Runs a command line, split at blanks, and throws unless it ends with status 0.
  @discardableResult
  public static func run(_ line: String, input: String = "") throws -> Output {
    let output = try attempt(line.split(separator: " ").map(String.init), input: input)
    guard output.status == 0 else { throw Failure(description: "\(line): \(output)") }
    return output
  }

  /// The first executable of that name in PATH and the system folders, or the path itself.
  public static func find(_ name: String) -> String? {
    if name.contains("/") { return name }
    let folders = (getenv("PATH").map { String(cString: $0) } ?? "") + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"
    return folders.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }

  private static var inherited: [String] {
    var variables: [String] = []
    var next = environ
    // The environment ends with a null pointer.
    while let variable = next.pointee {
      variables.append(String(cString: variable))
      next += 1
    }
    return variables
  }
}
