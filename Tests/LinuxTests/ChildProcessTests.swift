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
    try FileSystem.create(path, content: Array("#!/bin/sh\necho written\n".utf8), mode: 0o755)
    try Command.run("mkfifo /run/opened /run/go")
    // Another process has it open: what this one opens, the programs that other tests are just starting have open for a moment, too.
    let writer = try BackgroundProgram(
      ["sh", "-c", "exec 3>> \(path); echo > /run/opened; read line < /run/go"], log: "/run/log")
    _ = try FileSystem.read("/run/opened")
    let go = try OwnedFile("/run/go", flags: [.readWrite])
    let descriptor = go.descriptor
    let watch = inotify_init1(Int32(IN_CLOEXEC))
    #expect(inotify_add_watch(watch, path, UInt32(IN_OPEN)) >= 0)
    // The writer ends when the program has been opened, in vain, for the first time.
    Thread {
      var event = [UInt8](repeating: 0, count: 256)
      _ = read(watch, &event, event.count)
      _ = write(descriptor, "\n", 1)
      close(watch)
    }.start()
    let outcome = try ChildProcess(path: path, arguments: [path], environment: []).run(input: [])
    #expect(outcome.status == 0 && String(decoding: outcome.output, as: UTF8.self) == "written\n")
    withExtendedLifetime(writer) {}
    _ = consume go
  }
}
