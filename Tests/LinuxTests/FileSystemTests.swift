import Linux
import TestSupport
import Testing

@Suite("Files", .networkNamespace)
struct FileSystemTests {
  @Test("a created file has its content, and a second creation fails")
  func creates() throws {
    try FileSystem.createFolders("/run/a/b/c")
    try FileSystem.create("/run/a/b/c/file", content: Array("one".utf8))
    let error = #expect(throws: SystemError.self) { try FileSystem.create("/run/a/b/c/file", content: Array("two".utf8)) }
    #expect(error?.code == .exists)
    #expect(try FileSystem.read("/run/a/b/c/file") == Array("one".utf8))
    #expect(try FileSystem.names(in: "/run/a/b/c") == ["file"])
  }

  @Test("a replaced file leaves no temporary file behind")
  func replaces() throws {
    for content in ["one", "two"] { try FileSystem.replace("/run/file", content: Array(content.utf8)) }
    #expect(try FileSystem.read("/run/file") == Array("two".utf8))
    #expect(try FileSystem.names(in: "/run").filter { $0.contains("file") } == ["file"])
  }

  @Test("removing what is missing is no error")
  func removes() throws {
    #expect(try !FileSystem.remove("/run/missing"))
    #expect(try !FileSystem.removeFolder("/run/missing"))
    #expect(try FileSystem.readIfPresent("/run/missing") == nil)
  }

  @Test("a tree is removed with files whose names are no text, and links are not followed")
  func removesTrees() throws {
    try FileSystem.createFolders("/run/tree")
    try Command.run("mkdir /run/kept")
    let script =
      "cd /run/tree; mkdir -p $(printf 'd\\377')/a; touch $(printf 'd\\377/\\376') /run/kept/file; ln -s /run/kept link; chmod 0 d*"
    #expect(try Command.attempt(["sh", "-ec", script]).status == 0)
    try FileSystem.removeTree("/run/tree")
    #expect(!FileSystem.exists("/run/tree"))
    #expect(try FileSystem.names(in: "/run/kept") == ["file"])
  }

  @Test("a full file system is an error, and leaves nothing")
  func fullFileSystem() throws {
    try FileSystem.createFolders("/run/small")
    try Command.run("mount -t tmpfs -o size=64k,nr_inodes=4 tmpfs /run/small")
    let error = #expect(throws: SystemError.self) {
      try FileSystem.create("/run/small/file", content: [UInt8](repeating: 0, count: 1 << 20))
    }
    #expect(error?.code == .noSpace)
    #expect(try FileSystem.names(in: "/run/small").isEmpty)
  }

  @Test("a lock is exclusive until its owner goes")
  func locks() throws {
    do {
      let lock = try FileLock("/run/lockfile")
      #expect(try Command.attempt(["flock", "-n", "/run/lockfile", "true"]).status == 1)
      _ = consume lock
    }
    // A process that another test has just forked holds the lock until its exec.
    #expect(try Command.attempt(["flock", "-w", "60", "/run/lockfile", "true"]).status == 0)
  }
}
