import Glibc
import JSON
import Linux
import TestSupport
import Testing

@testable import Images

@Suite("making images", .networkNamespace)
struct MakingTests {
  @Test("imports a tar archive, also a compressed one, with changes")
  func importArchive() throws {
    let folder = try ScratchFolder(), store = ImageStore(root: folder["root"])
    try folder.shell("mkdir t; echo x > t/file; tar -C t -czf t.tgz .")
    let file = try OwnedFile(folder["t.tgz"])
    let changes = [
      #"CMD ["a", "b c"]"#, "ENTRYPOINT run it", #"ENV A=1 B="x y" C='z'"#, "ENV D d e", "EXPOSE 80 53/udp", "VOLUME /b /a",
      #"VOLUME ["/c"]"#,
      "WORKDIR /w", "WORKDIR sub", "USER 1:2", "STOPSIGNAL SIGINT", #"label a="b c" d=e"#,
      "HEALTHCHECK --interval=1m30s --retries=5 CMD curl -f x",
    ]
    let id = try store.importRoot(reading: file.descriptor, name: ImageReference("imported"), changes: changes, message: "hello")
    let image = try store.image(named: "imported:latest"), made = image.configuration
    #expect(image.id == id)
    #expect(made.command == ["a", "b c"] && made.entrypoint == ["/bin/sh", "-c", "run it"])
    #expect(made.environment == ["A=1", "B=x y", "C=z", "D=d e"] && made.exposedPorts == ["53/udp", "80/tcp"])
    #expect(made.volumes == ["/a", "/b", "/c"] && made.workingFolder == "/w/sub" && made.user == "1:2")
    #expect(made.stopSignal == "SIGINT" && made.labels == ["a=b c", "d=e"])
    #expect(made.healthcheck?.interval == 90_000_000_000 && made.healthcheck?.retries == 5)
    #expect(made.healthcheck?.test == ["CMD-SHELL", "curl -f x"])
    #expect(try Command.run("cat \(image.layerFolders[0])/file").text == "x\n")
    #expect(image.file["history"]?[0]["comment"] == "hello")
  }

  @Test(
    "refuses changes that are none, with the change and what was expected",
    arguments: [
      ("RUN x", "expected CMD"), ("EXPOSE x", "1 to 65535"), ("EXPOSE 70000", "1 to 65535"), ("ENV", "an argument"),
      ("ENV =x y=z", "KEY=value"),
      (#"ENV A="x"#, "closing"), (#"CMD [1]"#, "a list of texts"), ("HEALTHCHECK --interval=5 CMD x", "a time"),
      ("HEALTHCHECK x", "CMD or NONE"),
    ])
  func badChange(change: String, expected: String) {
    var configuration = ImageConfiguration()
    let error = #expect(throws: ImageError.self) { try configuration.apply(change) }
    #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
  }

  @Test("commits what a container changed as one more layer, and lists the same changes")
  func commit() throws {
    let folder = try ScratchFolder(), store = ImageStore(root: folder["root"])
    try LoadTests.makeImage(in: folder)
    _ = try store.load(folder["made"])
    let base = try store.image(named: "made:1.0")
    try folder.shell(
      """
      mkdir upper work view; mount -t overlay overlay -o lowerdir=\(base.layerFolders.joined(separator: ":")),upperdir=upper,workdir=work view
      cd view; echo new > etc/added; echo changed >> etc/keep/one; rm bin/ls; rm -r srv/deep; mkdir srv/deep; echo deep > srv/deep/new
      ln etc/added etc/added2; chmod 700 tmp; mkdir -p dev proc; touch etc/hosts; truncate -s 10M big; echo x >> big; setfattr -n user.u -v v etc/added
      """)
    let mountPoints = ["/dev", "/proc", "/etc/hosts"]
    let changes = try FolderDifference.changes(upper: folder["upper"], lower: base.layerFolders, mountPoints: mountPoints).map(
      \.description)
    #expect(
      changes == [
        "A /big", "C /bin", "D /bin/ls", "C /etc", "A /etc/added", "A /etc/added2", "C /etc/keep", "C /etc/keep/one", "C /srv",
        "C /srv/deep",
        "D /srv/deep/er", "A /srv/deep/new", "C /tmp",
      ])
    var commit = ContainerCommit(image: base.id, upper: folder["upper"], configuration: base.configuration)
    commit.mountPoints = mountPoints
    commit.changes = ["CMD [\"other\"]"]
    commit.name = try ImageReference("committed:2")
    (commit.author, commit.message) = ("me", "why")
    let image = try store.image(named: try store.commit(commit))
    #expect(image.names == ["committed:2"] && image.configuration.command == ["other"])
    #expect(image.configuration.entrypoint == base.configuration.entrypoint)
    #expect(image.layerDigests.count == 3 && image.layerDigests.starts(with: base.layerDigests))
    try folder.shell(
      "rmdir view/dev view/proc; rm view/etc/hosts; mkdir again; mount -t overlay overlay -o lowerdir=\(image.layerFolders.joined(separator: ":")) again"
    )
    // Times of folders whose content was just changed by this test differ; everything else is equal.
    #expect(
      try folder.shell("diff -r --no-dereference -x fifo -x null -x disk view again; stat -c %h:%a again/etc/added; stat -c %a again/tmp")
        == "2:644\n700\n")
    #expect(try folder.shell("getfattr --only-values -n user.u again/etc/added2; du -k again/big | cut -f1") == "v4\n")
    // Others agree.
    let file = try OwnedFile(folder["out.tar"], flags: [.writeOnly, .create])
    try store.save(["committed:2"], as: .docker, to: file.descriptor)
    try folder.shell(
      "skopeo copy -q docker-archive:out.tar oci:copy:1; umoci unpack --image copy:1 bundle3 >log 2>&1; diff -r --no-dereference -x fifo -x null -x disk view bundle3/rootfs"
    )
  }

  @Test("removes names, then images, and refuses what containers use in docker's words")
  func removing() throws {
    let folder = try ScratchFolder(), store = ImageStore(root: folder["root"])
    try folder.shell("mkdir t; echo x > t/file")
    let id = try store.importRoot(folder: folder["t"], name: ImageReference("one"), changes: [], message: "")
    try store.tag("one", as: ImageReference("two:2"))
    func users(_ list: [ImageUser]) -> (String) -> [ImageUser] { { _ in list } }
    let short = String(id.dropFirst(7).prefix(12)), user = ImageUser(containerID: String(repeating: "c", count: 64), isRunning: false)
    let running = ImageUser(containerID: user.containerID, isRunning: true)
    func refusal(_ name: String, _ isForced: Bool, _ list: [ImageUser]) -> String {
      do { return try "\(store.remove(name, isForced: isForced, users: users(list)))" } catch { return "\(error)" }
    }
    #expect(
      refusal(short, false, []) == "conflict: unable to delete \(short) (must be forced) - image is referenced in multiple repositories")
    #expect(
      refusal(short, true, [running])
        == "conflict: unable to delete \(short) (cannot be forced) - image is being used by running container cccccccccccc")
    #expect(try store.remove("one", isForced: false, users: users([user])) == [.untagged("one:latest")])
    #expect(
      refusal("two:2", false, [user])
        == "conflict: unable to remove repository reference \"two:2\" (must force) - container cccccccccccc is using its referenced image \(short)"
    )
    #expect(
      refusal(short, false, [user])
        == "conflict: unable to delete \(short) (must be forced) - image is being used by stopped container cccccccccccc")
    #expect(refusal("tow:2", false, []) == "No such image: tow:2")
    #expect(try store.prune(all: true, users: users([user])).changes.isEmpty)
    let layer = try store.image(named: id).layerDigests[0]
    #expect(try store.remove(short, isForced: false, users: users([])) == [.untagged("two:2"), .deleted(id), .deleted(layer)])
    #expect(folder.names(in: "root/images/layers").isEmpty && folder.names(in: "root/images/configurations").isEmpty)
  }

  @Test("names what may have been meant by an unknown image")
  func nearMatches() throws {
    let folder = try ScratchFolder(), store = ImageStore(root: folder["root"]) { word, names in names.filter { $0.first == word.first } }
    try folder.shell("mkdir t")
    _ = try store.importRoot(folder: folder["t"], name: ImageReference("busybox"), changes: [], message: "")
    #expect(throws: ImageError(.unknownImage, "Unable to find image 'busibox:latest' locally: did you mean busybox:latest?")) {
      try store.image(named: "busibox")
    }
    #expect(throws: ImageError(.unknownImage, "Unable to find image 'busybox:1' locally: did you mean busybox:latest?")) {
      try store.image(named: "busybox:1")
    }
    #expect(throws: ImageError(.unknownImage, "No such image: busybox:1: did you mean busybox:latest?")) {
      try store.tag("busybox:1", as: ImageReference("x"))
    }
    #expect(throws: ImageError(.unknownImage, "Unable to find image 'zzz:latest' locally")) { try store.image(named: "zzz") }
  }
}
