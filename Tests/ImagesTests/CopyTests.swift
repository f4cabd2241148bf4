import Glibc
import Linux
import TestSupport
import Testing

@testable import Images

@Suite("copying files", .networkNamespace)
struct CopyTests {
  /// A container's root `c` and a folder of the machine `m`, both with a file and a folder.
  private func world() throws -> ScratchFolder {
    let folder = try ScratchFolder()
    try folder.shell(
      """
      mkdir -p c/dir/sub c/other c/etc m/dir/sub m/other; echo c1 > c/file; echo c2 > c/dir/sub/f; echo m1 > m/file; echo m2 > m/dir/sub/f
      echo secret > secret; ln -s \(folder.path) c/out; ln -s ../../../../../../..\(folder.path) c/up; ln -s dir c/link; ln -s file c/flink
      chown -R 5:6 c/dir c/file
      """)
    return folder
  }

  /// The files below a folder with their contents, and owners that are not root.
  private func tree(_ folder: ScratchFolder, _ name: String) throws -> String {
    try folder.shell(
      "cd \(name); find . -type f -exec sh -c 'echo $(echo $1 | cut -c3-)=$(cat $1)$(stat -c :%u $1 | sed s/:0//)' _ {} \\; | sort | tr '\\n' ' '"
    )
  }

  @Test(
    "into a container follows docker's rules for slashes and folders",
    arguments: [
      ("m/file", "/new", "new=m1"), ("m/file", "/other", "other/file=m1"), ("m/file", "/other/", "other/file=m1"),
      ("m/file", "/file", "file=m1"),
      ("m/file", "other/x", "other/x=m1"), ("m/dir", "/new", "new/sub/f=m2"), ("m/dir", "/new/", "new/sub/f=m2"),
      ("m/dir", "/other", "other/dir/sub/f=m2"), ("m/dir/", "/other", "other/dir/sub/f=m2"), ("m/dir/.", "/other", "other/sub/f=m2"),
      ("m/dir/.", "/new", "new/sub/f=m2"), ("m/file", "/link", "dir/file=m1"), ("m/file", "/flink", "file=m1"),
      ("m/dir/.", "/", "sub/f=m2"),
    ])
  func into(source: String, target: String, expected: String) throws {
    let folder = try world()
    try ContainerRoot(folder: folder["c"]).copyIn(folder[source], to: target)
    let found = try tree(folder, "c")
    #expect(found.split(separator: " ").contains { $0 == expected }, "\(found)")
    #expect(try folder.shell("cat secret") == "secret\n")
  }

  @Test(
    "out of a container follows docker's rules for slashes and folders",
    arguments: [
      ("/file", "m/new", "new=c1"), ("file", "m/other", "other/file=c1"), ("/file", "m/file", "file=c1"), ("/dir", "m/new", "new/sub/f=c2"),
      ("/dir", "m/other/", "other/dir/sub/f=c2"), ("/dir/.", "m/other", "other/sub/f=c2"), ("/link/", "m/other", "other/link/sub/f=c2"),
      ("/link/sub/f", "m/new", "new=c2"), ("/", "m/new", "new/dir/sub/f=c2"),
    ])
  func out(source: String, target: String, expected: String) throws {
    let folder = try world()
    try ContainerRoot(folder: folder["c"]).copyOut(source, to: folder[target])
    let found = try tree(folder, "m")
    #expect(found.split(separator: " ").contains { $0 == expected }, "\(found)")
  }

  @Test("copies a link as a link, or with -L what it leads to; -a keeps owners")
  func options() throws {
    let folder = try world(), root = try ContainerRoot(folder: folder["c"])
    try root.copyOut("/flink", to: folder["m/a"])
    try root.copyOut("/flink", to: folder["m/b"], options: .followsLink)
    try root.copyOut("/file", to: folder["m/c"], options: .keepsOwners)
    #expect(try folder.shell("cd m; readlink a; cat b; stat -c %u:%g b c") == "file\nc1\n0:0\n5:6\n")
  }

  @Test(
    "refuses what docker refuses, with the path",
    arguments: [
      ("m/file", "/none/", "the destination directory '/none/' must exist"),
      ("m/dir", "/file", "cannot copy a directory to the file '/file'"),
      ("m/file", "/none/x", "'/none' does not exist"), ("m/none", "/x", "Could not find the file"),
      ("m/file", "/file/", "is not a directory"),
      ("m/file/", "/x", "is not a directory"), ("m/other/../dir", "/clash", "cannot overwrite a non-directory with a directory"),
    ])
  func refused(source: String, target: String, words: String) throws {
    let folder = try world()
    try folder.shell("mkdir c/clash; echo x > c/clash/dir")
    let error = #expect(throws: (any Error).self) { try ContainerRoot(folder: folder["c"]).copyIn(folder[source], to: target) }
    #expect("\(error.map { "\($0)" } ?? "")".contains(words), "\(String(describing: error))")
  }

  @Test(
    "never leaves the container's root by its links, in either direction",
    arguments: ["/out/secret", "/up/secret", "/../../secret", "/out/../../secret"])
  func escapes(path: String) throws {
    let folder = try world(), root = try ContainerRoot(folder: folder["c"])
    #expect(throws: (any Error).self) { try root.copyOut(path, to: folder["m/stolen"]) }
    #expect(throws: (any Error).self) { try root.copyOut(path, to: folder["m/stolen"], options: .followsLink) }
    _ = try? root.copyIn(folder["m/file"], to: path)
    #expect(try folder.shell("cat secret; ls m") == "secret\ndir\nfile\nother\n")
  }

  @Test("replaces a link in the container rather than writing through it")
  func linkInTheWay() throws {
    let folder = try world()
    try folder.shell("ln -s \(folder["secret"]) c/dir/file; mkdir m/dir2; ln -s \(folder.path) c/other/dir")
    let root = try ContainerRoot(folder: folder["c"])
    try root.copyIn(folder["m/file"], to: "/dir")
    #expect(throws: (any Error).self) { try root.copyIn(folder["m/dir"], to: "/other") }
    #expect(try folder.shell("cat secret c/dir/file; test ! -e sub") == "secret\nm1\n")
  }

  @Test("unpacks archives into a folder, within the root, and refuses what leads out")
  func archiveIn() throws {
    let folder = try world(), root = try ContainerRoot(folder: folder["c"])
    func unpack(_ target: String, _ fill: (inout TarBuilder) -> Void) throws {
      try FileSystem.replace(folder["in.tar"], content: TestLayout.layer(fill))
      let file = try OwnedFile(folder["in.tar"])
      try root.copyIn(fromArchive: file.descriptor, to: target)
    }
    try unpack("/link") {
      $0.add("a/b", content: "b", owner: 7)
      $0.add("hard", kind: "1", target: "a/b")
    }
    #expect(try folder.shell("cat c/dir/a/b; stat -c %h:%u c/dir/hard") == "b2:7\n")
    #expect(throws: (any Error).self) { try unpack("/other") { $0.add("../x", content: "x") } }
    #expect(throws: (any Error).self) { try unpack("/other") { $0.add("/x", content: "x") } }
    #expect(throws: (any Error).self) { try unpack("/file") { $0.add("x", content: "x") } }
    #expect(throws: (any Error).self) { try unpack("/none") { $0.add("x", content: "x") } }
    // An absolute link means the container's own root; there is no such folder there.
    #expect(throws: (any Error).self) { try unpack("/") { $0.add("out/x", content: "x") } }
    #expect(throws: (any Error).self) { try unpack("/") { $0.add("h", kind: "1", target: "out/secret") } }
    #expect(try folder.shell("ls; ls c/other") == "c\nin.tar\nm\nsecret\n")
  }

  @Test("writes archives of files, folders and whole roots, without what is mounted there")
  func archiveOut() throws {
    let folder = try world(), root = try ContainerRoot(folder: folder["c"])
    let file = try OwnedFile(folder["out.tar"], flags: [.readWrite, .create])
    try root.copyOut("/dir", toArchive: file.descriptor)
    #expect(try folder.shell("tar -tf out.tar") == "dir/\ndir/sub/\ndir/sub/f\n")
    try folder.shell("mount -t tmpfs none c/other; echo x > c/other/mounted")
    let all = try OwnedFile(folder["all.tar"], flags: [.readWrite, .create])
    try root.export(to: all.descriptor)
    #expect(try folder.shell("tar -tf all.tar") == "dir/\ndir/sub/\ndir/sub/f\netc/\nfile\nflink\nlink\nother/\nout\nup\n")
  }

  @Test("sees the joined layers of a container that does not run, and writes to its own changes only")
  func stopped() throws {
    let folder = try world()
    try folder.shell("mkdir upper work")
    let before = try folder.shell("find upper c -printf '%p %s\\n' | sort")
    do {
      let root = try ContainerRoot(lower: [folder["c"]], upper: folder["upper"], work: folder["work"])
      try root.copyIn(folder["m/file"], to: "/dir/new")
      try root.copyOut("/dir", to: folder["m/got"])
    }
    #expect(
      try folder.shell("cat upper/dir/new m/got/sub/f m/got/new; ls c/dir; grep -c \(folder.path) /proc/self/mounts || true")
        == "m1\nc2\nm1\nsub\n0\n")
    #expect(before.contains("c/dir"))
  }
}
