import Glibc
import JSON
import Linux
import TestSupport
import Testing

@testable import Images

@Suite("malicious archives")
struct MaliciousArchiveTests {
  static let layers: [(what: String, layer: [UInt8], words: [String])] = [
    ("..", TestLayout.layer { $0.add("../escape", content: "x") }, ["entry '../escape'", "'..'"]),
    (".. inside", TestLayout.layer { $0.add("a/../../escape", content: "x") }, ["entry 'a/../../escape'", "'..'"]),
    ("an absolute path", TestLayout.layer { $0.add("/tmp/escape", content: "x") }, ["entry '/tmp/escape'", "absolute"]),
    (
      "a file through an absolute link",
      TestLayout.layer {
        $0.add("a", kind: "2", target: "/tmp")
        $0.add("a/escape", content: "x")
      }, ["entry 'a/escape'", "symbolic link"]
    ),
    (
      "a file through a link upwards",
      TestLayout.layer {
        $0.add("a", kind: "2", target: "../../../../../../../tmp")
        $0.add("a/escape", content: "x")
      }, ["entry 'a/escape'", "symbolic link"]
    ),
    (
      "a file through links that lead out together",
      TestLayout.layer {
        $0.add("d/", kind: "5")
        $0.add("d/up", kind: "2", target: "..")
        $0.add("up", kind: "2", target: "d/up/..")
        $0.add("up/escape", content: "x")
      }, ["entry 'up/escape'", "symbolic link"]
    ),
    (
      "a folder through a link",
      TestLayout.layer {
        $0.add("a", kind: "2", target: "/tmp")
        $0.add("a/escape/", kind: "5")
      }, ["entry 'a/escape/'", "symbolic link"]
    ),
    (
      "a whiteout through a link",
      TestLayout.layer {
        $0.add("a", kind: "2", target: "/tmp")
        $0.add("a/.wh.escape")
      }, ["entry 'a/.wh.escape'", "symbolic link"]
    ),
    ("a hard link upwards", TestLayout.layer { $0.add("a", kind: "1", target: "../../etc/passwd") }, ["entry 'a'", "'../../etc/passwd'"]),
    ("an absolute hard link", TestLayout.layer { $0.add("a", kind: "1", target: "/etc/passwd") }, ["entry 'a'", "'/etc/passwd'"]),
    (
      "a hard link through a link",
      TestLayout.layer {
        $0.add("e", kind: "2", target: "/etc")
        $0.add("a", kind: "1", target: "e/passwd")
      }, ["entry 'a'", "'e/passwd'"]
    ),
    ("a hard link to nothing", TestLayout.layer { $0.add("a", kind: "1", target: "b") }, ["entry 'a'", "'b'", "not there"]),
    ("a root that is a file", TestLayout.layer { $0.add(".", content: "x") }, ["entry '.'", "root"]),
    (
      "a file below a file",
      TestLayout.layer {
        $0.add("a", content: "x")
        $0.add("a/b", content: "x")
      }, ["entry 'a/b'", "not a folder"]
    ),
    ("a whiteout of ..", TestLayout.layer { $0.add(".wh...") }, ["entry '.wh...'", "whiteout"]),
    ("a file below a whiteout", TestLayout.layer { $0.add(".wh.a/b", content: "x") }, ["entry '.wh.a/b'", "below a whiteout"]),
    (
      "a path of 1000 folders",
      TestLayout.layer {
        $0.addAttribute("path", String(repeating: "d/", count: 1000) + "f")
        $0.add("f", content: "x")
      }, ["folders deep"]
    ),
    ("a truncated file", Array(TestLayout.layer { $0.add("a", content: String(repeating: "x", count: 5000)) }.prefix(1500)), ["entry 'a'"]),
    ("no tar archive", Array(String(repeating: "nonsense", count: 200).utf8), ["layer sha256:"]),
  ]

  @Test("are refused by the name of the entry, and leave nothing behind", arguments: layers.indices)
  func refused(position: Int) throws {
    let (what, layer, words) = Self.layers[position]
    let root = try ScratchFolder(), good = TestLayout.layer { $0.add("good", content: "x") }
    let layout = try TestLayout.of([good, layer])
    let error = #expect(throws: ImageError.self, "\(what)") { try ImageStore(root: root.path).load(layout.path) }
    for word in words { #expect(error?.description.contains(word) == true, "\(what): \(String(describing: error))") }
    #expect(!FileSystem.isFolder("/tmp/escape") && access("/tmp/escape", F_OK) != 0)
    #expect(root.names(in: "images/temporary").isEmpty)
    // The layer below it was whole; it is gone with the next command.
    try ImageStore(root: root.path).sweep()
    #expect(root.names(in: "images/layers").isEmpty && root.names(in: "images/configurations").isEmpty)
    #expect(try ImageStore(root: root.path).images().isEmpty)
  }

  @Test("with a blob that is not what its digest says are refused by the blob's name")
  func wrongDigest() throws {
    let root = try ScratchFolder(), layer = TestLayout.layer { $0.add("good", content: "x") }
    let layout = try TestLayout.of([layer]), hex = Digest(of: layer).hex
    var changed = layer
    changed[512] = UInt8(ascii: "y")
    try FileSystem.replace(layout.folder["blobs/sha256/\(hex)"], content: changed)
    let error = #expect(throws: ImageError.self) { try ImageStore(root: root.path).load(layout.path) }
    #expect(
      error?.description.contains("blobs/sha256/\(hex) has the digest \(Digest(of: changed))") == true, "\(String(describing: error))")
    #expect(root.names(in: "images/layers").isEmpty)
  }

  @Test("with a layer that the configuration does not expect are refused")
  func wrongDifference() throws {
    let root = try ScratchFolder(), other = "sha256:" + String(repeating: "00", count: 32)
    let layout = try TestLayout.of([TestLayout.layer { $0.add("good", content: "x") }], differences: [other])
    let error = #expect(throws: ImageError.self) { try ImageStore(root: root.path).load(layout.path) }
    #expect(error?.description.contains("expects \(other)") == true, "\(String(describing: error))")
    #expect(root.names(in: "images/layers").isEmpty)
  }

  @Test("with an index that refers to itself, or is too deep, are refused")
  func cyclicIndex() throws {
    let root = try ScratchFolder(), layout = try TestLayout()
    let name = String(repeating: "ab", count: 32), type = "application/vnd.oci.image.index.v1+json"
    let cyclic = #"{"manifests":[{"mediaType":"\#(type)","digest":"sha256:\#(name)","size":1}]}"#
    try FileSystem.replace(layout.folder["blobs/sha256/\(name)"], content: Array(cyclic.utf8))
    try FileSystem.replace(layout.folder["index.json"], content: Array(cyclic.utf8))
    let error = #expect(throws: ImageError.self) { try ImageStore(root: root.path).load(layout.path) }
    #expect(error?.description.contains("blobs/sha256/\(name)") == true, "\(String(describing: error))")

    var descriptor = try layout.image([])
    for _ in 0..<100 { descriptor = try layout.index([descriptor]) }
    try layout.finish([descriptor])
    let deep = #expect(throws: ImageError.self) { try ImageStore(root: root.path).load(layout.path) }
    #expect(deep?.description.contains("deep") == true, "\(String(describing: deep))")
  }

  @Test("with more layers than a mount takes, a manifest that is too long, or one of another kind are refused")
  func limits() throws {
    let root = try ScratchFolder(), store = ImageStore(root: root.path)
    let many = try TestLayout.of([[UInt8]](repeating: TestLayout.layer { _ in }, count: 200))
    let error = #expect(throws: ImageError.self) { try store.load(many.path) }
    #expect(error?.description.contains("200 layers are more than 127") == true, "\(String(describing: error))")

    let long = try TestLayout()
    try FileSystem.replace(long.folder["index.json"], content: [UInt8](repeating: 32, count: 5 << 20))
    #expect(throws: ImageError(.badArchive, "\(long.path): index.json is longer than 4194304 bytes")) { try store.load(long.path) }

    let chart = try TestLayout()
    let manifest = try chart.manifest(config: chart.blob(Array("{}".utf8), "application/vnd.cncf.helm.config.v1+json"), layers: [])
    try chart.finish([manifest])
    let kind = #expect(throws: ImageError.self) { try store.load(chart.path) }
    #expect(kind?.description.contains("is no image: its config is of the type") == true, "\(String(describing: kind))")
  }

  @Test(
    "cut off at any place are refused, and leave nothing behind",
    arguments: [1, 511, 512, 700, 1024, 1536, 3000, 4096, 6000])
  func truncatedArchive(length: Int) throws {
    let root = try ScratchFolder(), layout = try TestLayout.of([TestLayout.layer { $0.add("good", content: "x") }])
    try layout.folder.shell("tar -cf all.tar oci-layout index.json blobs; head -c \(length) all.tar > cut.tar")
    #expect(throws: (any Error).self) { try ImageStore(root: root.path).load(layout.folder["cut.tar"]) }
    #expect(root.names(in: "images/layers").isEmpty && root.names(in: "images/temporary").isEmpty)
  }

  @Test("that overlayfs would take for its own leave no trace of it")
  func overlayAttributes() throws {
    let root = try ScratchFolder()
    let layer = TestLayout.layer {
      $0.addAttribute("SCHILY.xattr.trusted.overlay.redirect", "/etc")
      $0.add("d/", kind: "5", mode: 0o755)
      $0.addAttribute("SCHILY.xattr.user.overlay.opaque", "y")
      $0.add("e/", kind: "5", mode: 0o755)
      $0.addAttribute("SCHILY.xattr.user.kept", "yes")
      $0.add("f/", kind: "5", mode: 0o755)
    }
    let store = ImageStore(root: root.path), layout = try TestLayout.of([layer])
    _ = try store.load(layout.path)
    let folder = try #require(try store.image(named: "test").layerFolders.first)
    #expect(try Command.run("getfattr -d -m - \(folder)/d \(folder)/e").text == "")
    #expect(try Command.run("getfattr --only-values -n user.kept \(folder)/f").text == "yes")
  }
}
