import Foundation
import Glibc
import Linux
import TestSupport
import Testing

@Suite("Child processes", .networkNamespace)
struct ChildProcessTests {
  @Test("a program that is just being written is run when that is over")
  func beingWritten() throws {
    let path = "/run/program"
    let file = try OwnedFile(path, flags: [.readWrite, .create], mode: 0o755)
    try file.write(Array("#!/bin/sh\necho written\n".utf8))
    let watch = inotify_init1(Int32(IN_CLOEXEC))
    #expect(inotify_add_watch(watch, path, UInt32(IN_OPEN)) >= 0)
    // The writer ends when the program has been opened, in vain, for the first time.
    let writer = fcntl(file.descriptor, F_DUPFD_CLOEXEC, 0)
    _ = consume file
    Thread {
      var event = [UInt8](repeating: 0, count: 256)
      _ = read(watch, &event, event.count)
      close(writer)
      close(watch)
    }.start()
    let outcome = try ChildProcess(path: path, arguments: [path], environment: []).run(input: [])
    #expect(outcome.status == 0 && String(decoding: outcome.output, as: UTF8.self) == "written\n")
  }
}
