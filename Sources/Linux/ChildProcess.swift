import CLinux
import Glibc

/// A program that was started and is waited for.
public struct ChildProcess {
  /// What a program said and how it ended.
  public struct Outcome: Sendable {
    /// The exit status, or 128 + the number of the signal that ended the program.
    public let status: Int32
    /// Everything written to the standard output.
    public let output: [UInt8]
    /// Everything written to the standard error, if it was captured.
    public let errors: [UInt8]
  }

  /// The program's path; not looked up in PATH.
  public let path: String
  /// The arguments, the program's own name (argument 0) first.
  public let arguments: [String]
  /// The whole environment, `NAME=value`.
  public let environment: [String]
  /// Whether the program is killed when whoever waits for it is killed, so that it does not go on beside others who clean up.
  public var endsWithParent = false

  /// Describes a program to run.
  public init(path: String, arguments: [String], environment: [String]) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
  }

  /// Runs the program to its end with `input` on its standard input. Its standard error is ours unless it is to be captured.
  ///
  /// Input and output are plain unnamed files, so neither side can wait for the other. A program that somebody is just writing (ETXTBSY), as an
  /// installation does, is waited for: up to 5 s.
  public func run(input: [UInt8], capturingErrors: Bool = false) throws(SystemError) -> Outcome {
    let source = try ChildProcess.unnamedFile("stdin"), sink = try ChildProcess.unnamedFile("stdout")
    let complaints = try ChildProcess.unnamedFile("stderr")
    try source.write(input)
    try ChildProcess.rewind(source)
    let pid = try startWhenWritten(input: source, output: sink, errors: capturingErrors ? complaints.descriptor : STDERR_FILENO)
    let status = try checked(clinux_wait(pid), "wait for \(path)")
    try ChildProcess.rewind(sink)
    try ChildProcess.rewind(complaints)
    return try Outcome(status: status, output: sink.readToEnd(), errors: complaints.readToEnd())
  }

  private func startWhenWritten(input: borrowing OwnedFile, output: borrowing OwnedFile, errors: Int32) throws(SystemError) -> pid_t {
    let deadline = Deadline(milliseconds: 5000)
    while true {
      do { return try start(input: input, output: output, errors: errors) } catch {
        guard error.code == .textBusy, deadline.remaining > 0 else { throw error }
        _ = poll(nil, 0, 10)
      }
    }
  }

  private func start(input: borrowing OwnedFile, output: borrowing OwnedFile, errors: Int32) throws(SystemError) -> pid_t {
    let arguments = CStrings(self.arguments), environment = CStrings(self.environment)
    // The C strings live until the program has been started.
    let pid = unsafe path.withCString { (path) -> pid_t in
      var program = unsafe clinux_program(
        path: path, arguments: arguments.pointers, environment: environment.pointers, input: input.descriptor, output: output.descriptor,
        error: errors, network_namespace: -1, ends_with_parent: endsWithParent ? 1 : 0)
      return unsafe clinux_spawn(&program)
    }
    return try checked(pid, "run \(path)")
  }

  private static func unnamedFile(_ name: String) throws(SystemError) -> OwnedFile {
    OwnedFile(adopting: try checked(unsafe clinux_unnamed_file(name), "create an unnamed file"))
  }

  private static func rewind(_ file: borrowing OwnedFile) throws(SystemError) {
    guard lseek(file.descriptor, 0, SEEK_SET) == 0 else { throw SystemError(.last, "rewind") }
  }
}

/// A list of C strings that ends with a null pointer, as exec(3) wants it.
@safe private final class CStrings {
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

  init(_ strings: [String]) {
    let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
    for (position, string) in strings.enumerated() { unsafe pointers[position] = unsafe strdup(string) }
    unsafe pointers[strings.count] = nil
    unsafe self.pointers = unsafe pointers
  }

  deinit {
    var next = unsafe pointers
    while let string = unsafe next.pointee {
      unsafe free(string)
      unsafe next += 1
    }
    unsafe pointers.deallocate()
  }
}
