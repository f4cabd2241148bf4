import Engine
import Linux
import TestSupport
import Testing

@Suite("volumes", .networkNamespace)
struct VolumeStoreTests {
  private let host: NetworkedHost
  private let volumes: VolumeStore

  init() throws {
    host = try NetworkedHost()
    volumes = VolumeStore(host.store.places)
  }

  private func refusal(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return ""
  }

  private func mounts(_ describe: (inout RunOptions) -> Void, image: [String] = []) throws -> [RecordedMount] {
    var options = RunOptions()
    describe(&options)
    let mounts = try volumes.mounts(options, imageVolumes: image, in: host.store)
    try volumes.make(mounts)
    return mounts
  }

  @Test("a volume is made once, and not removed as long as a container has it")
  func lifecycle() throws {
    try volumes.create("data", labels: ["a=b"])
    try FileSystem.create("\(volumes.contentPath(of: "data"))/file", content: [1])
    #expect(try volumes.create("data").labels == ["a=b"])
    let record = try host.record("db") { $0.mounts = (try? mounts { $0.volumes = ["data:/var/lib/db"] }) ?? [] }
    #expect(record.mounts.map(\.source) == [volumes.contentPath(of: "data")])
    #expect(refusal { try volumes.remove("data", in: host.store) } == "remove data: volume is in use - [\(record.id)]")
    #expect(try volumes.prune(namedToo: true, host.store).names.isEmpty)
    try host.store.remove(record)
    try volumes.remove("data", in: host.store)
    #expect(refusal { try volumes.remove("data", in: host.store) } == "get data: no such volume")
    #expect(!FileSystem.isFolder("/var/lib/berth/volumes/data"))
    // A removal that was killed.
    try FileSystem.createFolders(volumes.contentPath(of: "data"))
    try FileSystem.create("\(volumes.contentPath(of: "data"))/secret", content: [1])
    try volumes.create("data")
    #expect(try FileSystem.names(in: volumes.contentPath(of: "data")).isEmpty)
  }

  @Test("options become mounts, outer ones first, with the image's volumes where nobody else mounts")
  func parsing() throws {
    let found = try mounts(
      {
        $0.volumes = ["/opt/host:/b:ro", "named:/a/inner", "/anonymous"]
        $0.temporaryFolders = ["/tmp:size=1m,mode=1777"]
      }, image: ["/a", "/b"])
    #expect(found.map(\.destination) == ["/a", "/a/inner", "/anonymous", "/b", "/tmp"])
    #expect(found.map(\.kind) == [.volume, .volume, .volume, .bind, .tmpfs])
    #expect(found.map(\.isAnonymous) == [true, false, true, false, false])
    #expect(found[3].isReadOnly && found[3].source == "/opt/host" && FileSystem.isFolder("/opt/host"))
    #expect(found[4].options == "size=1m,mode=1777")
    #expect(try volumes.volumes().count == 3)
    let source = try host.record("source") { $0.mounts = found }
    let shared = try mounts {
      $0.volumesFrom = ["\(source.name):ro"]
      $0.volumes = ["other:/b"]
    }
    #expect(shared.map(\.destination) == ["/a", "/a/inner", "/anonymous", "/b"])
    #expect(shared.map(\.isReadOnly) == [true, true, true, false] && shared[3].name == "other" && !shared.contains { $0.isAnonymous })
  }

  @Test(
    "what cannot be, or tries to get out, is refused",
    arguments: [
      Mistake({ $0.volumes = ["../x:/a"] }, "must be absolute"), Mistake({ $0.volumes = ["..:/a"] }, "must be absolute"),
      Mistake({ $0.volumes = ["/a/../../etc:/a"] }, "the path of the host must not contain .."),
      Mistake({ $0.volumes = ["x:/a/../b"] }, "must not contain .."),
      Mistake({ $0.volumes = ["x:a"] }, "mount path must be absolute"), Mistake({ $0.volumes = ["x:/"] }, "destination can't be '/'"),
      Mistake({ $0.volumes = ["xx:/a:rx"] }, "invalid mode: rx"),
      Mistake({ $0.volumes = ["a b:/a"] }, "invalid characters for a local volume name"),
      Mistake({ $0.volumes = ["xx:/a", "yy:/a/"] }, "Duplicate mount point: /a"),
      Mistake({ $0.volumes = [":/a"] }, "invalid volume specification"),
      Mistake({ $0.volumes = ["x:/a"] }, "volume name is too short"),
      Mistake({ $0.mounts = ["type=bind,source=/nosuch,target=/a"] }, "bind source path does not exist: /nosuch"),
      Mistake({ $0.mounts = ["type=x,target=/a"] }, "mount type unknown: \"x\""),
      Mistake({ $0.mounts = ["source=a"] }, "target is required"),
      Mistake({ $0.temporaryFolders = ["/a:evil"] }, "invalid tmpfs option \"evil\""),
      Mistake({ $0.volumesFrom = ["nobody"] }, "No such container: nobody"),
    ] as [Mistake<RunOptions>])
  func refuses(mistake: Mistake<RunOptions>) throws {
    let said = refusal { _ = try mounts { mistake.describe(&$0) } }
    #expect(said.contains(mistake.words), "\(said)")
    #expect(try volumes.volumes().isEmpty || mistake.words.contains("Duplicate"))
  }
}
