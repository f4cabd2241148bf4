import Glibc
import JSON
import Linux
import TestSupport
import Testing

@testable import Images

@Suite("loading images", .networkNamespace)
struct LoadTests {
  /// An image made by umoci: two layers with everything that a file can have, as the layout `made` with the tag `1.0`.
  static func makeImage(in folder: ScratchFolder) throws {
    try folder.shell(
      """
      umoci init --layout made >log 2>&1; umoci new --image made:1.0 >>log 2>&1
      umoci config --image made:1.0 --config.entrypoint /bin/busybox --config.cmd httpd --config.env A=b --config.exposedports 80/tcp \
        --config.volume /data --config.workingdir /srv --config.user 7:8 --config.label a=b --config.stopsignal SIGINT >>log 2>&1
      umoci unpack --image made:1.0 bundle >>log 2>&1
      cd bundle/rootfs
      mkdir -p bin etc/keep etc/hide etc/opaque srv/deep/er tmp; chmod 1777 tmp
      cp /bin/busybox bin/busybox; chmod 4755 bin/busybox; ln bin/busybox bin/sh; ln -s busybox bin/ls; ln -s /etc/keep link
      echo one > etc/keep/one; echo gone > etc/hide/gone; echo gone > etc/gone; echo hidden > etc/opaque/hidden
      chown 1000:2000 etc/keep/one; chown -h 5:6 link; mkfifo fifo; mknod null c 1 3; mknod disk b 7 1
      setfattr -n user.note -v hello etc/keep/one; setcap cap_net_raw+ep bin/busybox
      touch -d '2001-02-03 04:05:06.789 UTC' etc/keep; echo ä > 'srv/Ünïcode 名前'
      head -c 200000 /dev/urandom > srv/deep/er/random; truncate -s 3000000 srv/sparse; echo end >> srv/sparse
      cd ../..; umoci repack --image made:1.0 bundle >>log 2>&1
      rm -r bundle; umoci unpack --image made:1.0 bundle >>log 2>&1
      cd bundle/rootfs; rm etc/gone; rm -r etc/hide; rm -r etc/opaque; mkdir etc/opaque; echo new > etc/opaque/new; echo two >> etc/keep/one
      cd ../..; umoci repack --image made:1.0 bundle >>log 2>&1
      rm -r bundle; umoci unpack --image made:1.0 bundle >>log 2>&1
      """)
  }

  /// What is in a folder tree: names, kinds, modes, owners, times, links, contents, extended attributes.
  static func describe(_ folder: String) throws -> String {
    let script = #"""
      cd "$0"
      find . -mindepth 1 \( -type d -printf '%P d %m %U %G %T@\n' -o -type l -printf '%P l %U %G %T@ %l\n' -o -printf '%P %y %m %U %G %T@ %s %n\n' \) | sort
      find . -type f -print0 | sort -z | xargs -0 sha256sum
      find . \( -type b -o -type c \) -print0 | sort -z | xargs -0 -r stat -c '%n %t %T'
      getfattr -R -P -h -d -m '^(user\.(?!overlay)|security\.capability)' . 2>/dev/null | sort
      """#
    let output = try Command.attempt([
      "sh", "-euc", script.replacing(#"^(user\.(?!overlay)|security\.capability)"#, with: "^user.note|^security"), folder,
    ])
    guard output.status == 0 else { throw Command.Failure(description: "\(output)") }
    return output.text
  }

  /// An image's layers, mounted on top of each other.
  static func mount(_ image: Image, in folder: ScratchFolder) throws -> String {
    try folder.shell(
      "mkdir -p empty merged; mount -t overlay overlay -o lowerdir=\((image.layerFolders + [folder["empty"]]).joined(separator: ":")) merged"
    )
    return folder["merged"]
  }

  @Test(
    "unpacks what umoci made as umoci does, whatever skopeo packed it into",
    arguments: [
      ("oci layout", "made", "made:1.0", "true"),
      ("oci archive", "a.tar", "named/app:2", "skopeo copy -q oci:made:1.0 oci-archive:a.tar:named/app:2"),
      ("docker archive", "a.tar", "named/app:2", "skopeo copy -q oci:made:1.0 docker-archive:a.tar:named/app:2"),
      ("docker archive, gzip", "a.tar.gz", "app:latest", "skopeo copy -q oci:made:1.0 docker-archive:a.tar:app:latest; gzip -1 a.tar"),
      ("docker archive, zstd", "a.tar.zst", "app:latest", "skopeo copy -q oci:made:1.0 docker-archive:a.tar:app:latest; zstd -q a.tar"),
      ("docker archive, xz", "a.tar.xz", "app:latest", "skopeo copy -q oci:made:1.0 docker-archive:a.tar:app:latest; xz -0 a.tar"),
      ("oci archive, bzip2", "a.tar.bz2", "app:latest", "skopeo copy -q oci:made:1.0 oci-archive:a.tar:app:latest; bzip2 -1 a.tar"),
      ("layers of zstd", "zstd", "zstd:tag", "skopeo copy -q --dest-compress-format zstd oci:made:1.0 oci:zstd:tag"),
    ])
  func unpacks(what: String, file: String, name: String, script: String) throws {
    let folder = try ScratchFolder(), root = try ScratchFolder(), store = ImageStore(root: root.path)
    try Self.makeImage(in: folder)
    try folder.shell(script)
    #expect(try store.load(folder[file]).map(\.description) == ["Loaded image: \(name)"])
    let image = try store.image(named: name)
    #expect(image.configuration.entrypoint == ["/bin/busybox"] && image.configuration.command == ["httpd"])
    #expect(image.configuration.environment.contains("A=b") && image.configuration.exposedPorts == ["80/tcp"])
    #expect(image.configuration.volumes == ["/data"] && image.configuration.workingFolder == "/srv" && image.configuration.user == "7:8")
    #expect(image.configuration.labels == ["a=b"] && image.configuration.stopSignal == "SIGINT")
    #expect(image.layerFolders.count == 2)
    #expect(try Self.describe(Self.mount(image, in: root)) == Self.describe(folder["bundle/rootfs"]), "\(what)")
    // Sparse files stay sparse where the archive says so; hard links are one file.
    #expect(try root.shell("stat -c %h merged/bin/busybox") == "2\n")
    #expect(root.names(in: "images/temporary").isEmpty)
  }

  @Test("loads an archive from a pipe")
  func pipe() throws {
    let folder = try ScratchFolder(), root = try ScratchFolder()
    try Self.makeImage(in: folder)
    try folder.shell("skopeo copy -q oci:made:1.0 docker-archive:a.tar:app:latest; mkfifo pipe; cat a.tar > pipe & ")
    #expect(try ImageStore(root: root.path).load(folder["pipe"]) == [.loaded(name: "app:latest")])
  }

  @Test("loads what docker saves since version 25: a layout whose manifest.json names its blobs")
  func bothKinds() throws {
    let root = try ScratchFolder(), store = ImageStore(root: root.path), archive = root["a.tar"]
    let layer = TestLayout.layer { $0.add("file", content: "x") }, layout = try TestLayout.of([layer], config: ["Cmd": ["a"]])
    let manifest = try Command.run("jq -r .manifests[0].digest \(layout.folder["index.json"])").text.dropFirst(7).dropLast()
    let config = try Command.run("jq -r .config.digest \(layout.folder["blobs/sha256/\(manifest)"])").text.dropFirst(7).dropLast()
    let entry: JSONValue = [
      "Config": .string("blobs/sha256/\(config)"), "RepoTags": ["saved:1"],
      "Layers": [.string("blobs/sha256/\(Digest(of: layer).hex)")],
    ]
    try FileSystem.replace(layout.folder["manifest.json"], content: Array(JSONValue.array([entry]).text.utf8))
    try Command.run("tar cf \(archive) -C \(layout.path) .")
    #expect(try store.load(archive) == [.loaded(name: "saved:1")])
    #expect(try store.image(named: "saved:1").configuration.command == ["a"])
    // The names of the blobs are promises.
    try FileSystem.replace(
      layout.folder["blobs/sha256/\(Digest(of: layer).hex)"], content: TestLayout.layer { $0.add("other", content: "y") })
    try Command.run("tar cf \(archive) -C \(layout.path) .")
    let error = #expect(throws: ImageError.self) { try ImageStore(root: root["second"]).load(archive) }
    #expect(error?.description.contains("has the digest") == true, "\(String(describing: error))")
  }

  @Test("keeps holes in sparse files")
  func sparse() throws {
    let folder = try ScratchFolder(), root = try ScratchFolder(), store = ImageStore(root: root.path)
    try folder.shell("truncate -s 50M hole; printf x >> hole; tar -S -cf l.tar hole")
    let layer = try FileSystem.read(folder["l.tar"]), layout = try TestLayout.of([layer])
    _ = try store.load(layout.path)
    let status = try Command.run("stat -c %s:%b \(store.image(named: "test").layerFolders[0])/hole").text.split(separator: ":")
    #expect(status[0] == "52428801")
    #expect(Int(status[1].dropLast()).map { $0 < 100 } == true, "\(status)")
  }

  @Test("hides what lies below a folder that comes after its whiteout, or before it")
  func whiteoutAndFolder() throws {
    let root = try ScratchFolder(), store = ImageStore(root: root.path)
    let below = TestLayout.layer { for name in ["a", "b", "c", "d"] { $0.add("\(name)/old", content: "x") } }
    let above = TestLayout.layer {
      $0.add(".wh.a")
      $0.add("a/", kind: "5", mode: 0o755)
      $0.add("a/new", content: "x")
      $0.add("b/", kind: "5", mode: 0o755)
      $0.add("b/new", content: "x")
      $0.add(".wh.b")
      $0.add(".wh.c")
      $0.add("d/new", content: "x")
      $0.add("d/.wh..wh..opq")
      $0.add(".wh..wh.plnk/1.2", content: "aufs")
    }
    let layout = try TestLayout.of([below, above])
    _ = try store.load(layout.path)
    let merged = try Self.mount(store.image(named: "test"), in: root)
    #expect(
      try Command.run("find \(merged) -mindepth 1 -printf %P\\n").text.split(separator: "\n").sorted() == [
        "a", "a/new", "b", "b/new", "d", "d/new",
      ])
  }

  @Test("gives folders that a layer leaves out the looks they have below")
  func missingFolders() throws {
    let root = try ScratchFolder(), store = ImageStore(root: root.path)
    let below = TestLayout.layer { $0.add("a/", kind: "5", mode: 0o1750, owner: 7) }
    let above = TestLayout.layer { $0.add("a/new", content: "x") }
    let layout = try TestLayout.of([below, above])
    _ = try store.load(layout.path)
    let merged = try Self.mount(store.image(named: "test"), in: root)
    #expect(try Command.run("stat -c %a:%u:%Y \(merged)/a").text == "1750:7:1700000000\n")
  }

  @Test("takes the last of several entries of one name")
  func repeatedEntries() throws {
    let root = try ScratchFolder(), store = ImageStore(root: root.path)
    let layer = TestLayout.layer {
      $0.add("file", content: "first")
      $0.add("folder/", kind: "5")
      $0.add("folder/inner", content: "x")
      $0.add("file", content: "second")
      $0.add("folder", kind: "2", target: "file")
    }
    let layout = try TestLayout.of([layer])
    _ = try store.load(layout.path)
    let folder = try #require(try store.image(named: "test").layerFolders.first)
    #expect(try Command.run("cat \(folder)/file \(folder)/folder").text == "secondsecond")
  }

  @Test("picks this machine's platform out of an index, also of one in another")
  func platforms() throws {
    let root = try ScratchFolder(), layout = try TestLayout(), store = ImageStore(root: root.path)
    func image(_ content: String, _ architecture: String, _ variant: String? = nil) throws -> JSONValue {
      var platform = JSONObject([("os", "linux"), ("architecture", .string(architecture))])
      if let variant { platform["variant"] = .string(variant) }
      return try layout.image([TestLayout.layer { $0.add("which", content: content) }]).with("platform", .object(platform))
    }
    let own = Platform.architecture
    let manifests = [try image("s390x", "s390x"), try image("v3", own, "v99"), try image("own", own), try image("unknown", "unknown")]
    let outer = try layout.index([layout.index(manifests)]).with("annotations", ["org.opencontainers.image.ref.name": "multi:latest"])
    try layout.finish([outer])
    _ = try store.load(layout.path)
    #expect(try Command.run("cat \(store.image(named: "multi").layerFolders[0])/which").text == "own")

    try layout.finish([image("s390x", "s390x"), image("ppc64le", "ppc64le")])
    let error = #expect(throws: ImageError.self) { try store.load(layout.path) }
    #expect(
      error?.description.contains("no image for linux/\(own); there are: linux/s390x, linux/ppc64le") == true,
      "\(String(describing: error))")
  }

  @Test("loads what buildah commits from scratch")
  func buildah() throws {
    let folder = try ScratchFolder(), root = try ScratchFolder(), store = ImageStore(root: root.path)
    try folder.shell(
      """
      export STORAGE_DRIVER=vfs; b="buildah --root $PWD/storage --runroot $PWD/run"
      c=$($b from scratch); $b copy -q $c /bin/busybox /bin/busybox >/dev/null; $b config --cmd '["/bin/busybox","true"]' --port 81/udp $c
      $b commit -q $c built >/dev/null 2>log; $b push -q built oci-archive:$PWD/b.tar:built:1 2>>log; $b push -q built docker-archive:$PWD/d.tar:built:2 2>>log
      """)
    #expect(try store.load(folder["b.tar"]) == [.loaded(name: "built:1")])
    // buildah adds the name that the image has in its own store.
    #expect(try store.load(folder["d.tar"]) == [.loaded(name: "built:2"), .loaded(name: "localhost/built:latest")])
    #expect(try store.image(named: "built:1").configuration.command == ["/bin/busybox", "true"])
    #expect(try store.image(named: "built:2").configuration.exposedPorts == ["81/udp"])
    // One layer, whichever way it came.
    #expect(root.names(in: "images/layers").count == 1)
  }
}
