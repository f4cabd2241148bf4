import CLinux
import Containers
import Glibc
import Linux
import TestSupport

/// What a container's program said and how it ended.
struct Run {
  let status: Int32
  let output: String

  /// The lines of the output.
  var lines: [String] { output.split(separator: "\n").map(String.init) }

  /// Creates and starts a container, and waits for its end. Output and errors come together.
  init(_ container: ContainerSpecification, whileCreated: (Int32) throws -> Void = { _ in }) throws {
    let sink = OwnedFile(adopting: clinux_unnamed_file("output")), source = try OwnedFile("/dev/null")
    let streams = StandardStreams.descriptors(input: source.descriptor, output: sink.descriptor, errors: sink.descriptor)
    var process = try ContainerProcess(creating: container, streams: streams)
    try whileCreated(process.processID)
    try process.start()
    status = try process.wait()
    lseek(sink.descriptor, 0, SEEK_SET)
    output = String(decoding: try sink.readToEnd(), as: UTF8.self)
  }
}
