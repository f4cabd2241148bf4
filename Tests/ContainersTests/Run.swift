import CLinux
import Containers
import Glibc
import Linux
import TestSupport
import Testing

/// What a program in a container said and how it ended. Output and errors come together.
struct Run {
  let status: Int32
  let output: String

  /// The lines of the output.
  var lines: [String] { output.split(separator: "\n").map(String.init) }

  /// Creates and starts a container, and waits for its end.
  init(_ container: ContainerSpecification, whileCreated: (Int32) throws -> Void = { _ in }) throws {
    let sink = Sink()
    var process = try ContainerProcess(creating: container, streams: sink.streams)
    try whileCreated(process.processID)
    try process.start()
    status = try process.wait()
    output = try sink.text()
  }

  /// Runs a program in a running container, and waits for its end.
  init(in container: borrowing ContainerProcess, _ specification: ExecSpecification) throws {
    let sink = Sink()
    let process = try ExecutedProcess(in: container.processID, specification, streams: sink.streams)
    status = try process.wait()
    output = try sink.text()
  }
}

/// An unnamed file that takes a program's output, with /dev/null as its input.
final class Sink {
  private let file = OwnedFile(adopting: clinux_unnamed_file("output"))
  private let null = OwnedFile(adopting: open("/dev/null", O_RDONLY | O_CLOEXEC))

  var streams: StandardStreams {
    .descriptors(input: null.descriptor, output: file.descriptor, errors: file.descriptor)
  }

  func text() throws -> String {
    lseek(file.descriptor, 0, SEEK_SET)
    return String(decoding: try file.readToEnd(), as: UTF8.self)
  }
}

/// A container that runs until the test has gone on: its program reads from a pipe that the test holds.
struct RunningContainer: ~Copyable {
  var process: ContainerProcess
  private let input: OwnedFile
  private let output: OwnedFile

  /// Starts the container and waits for its first line of output: its program is `read` after `preparation`.
  init(_ root: BusyboxRoot, after preparation: String = "true", change: (inout ContainerSpecification) -> Void = { _ in }) throws {
    var container = root.shell("\(preparation)\necho ready; read end")
    change(&container)
    try self.init(container)
  }

  init(_ container: ContainerSpecification) throws {
    let (reading, input) = try RunningContainer.channel(), (writing, output) = try RunningContainer.channel()
    var process = try ContainerProcess(
      creating: container,
      streams: .descriptors(input: reading, output: writing, errors: writing))
    try process.start()
    close(reading)
    close(writing)
    var line = [UInt8](repeating: 0, count: 256)
    let count = read(output, &line, line.count)
    self.process = process
    self.input = OwnedFile(adopting: input)
    self.output = OwnedFile(adopting: output)
    #expect(count > 0, "the container says that it is ready")
  }

  /// Two connected sockets.
  static func channel() throws -> (Int32, Int32) {
    var ends: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw SystemError(.last, "make sockets")
    }
    return (ends[0], ends[1])
  }

  /// Lets the program go on, and waits for its end.
  consuming func end() throws -> Int32 {
    try input.write(Array("\n".utf8))
    return try process.wait()
  }
}
