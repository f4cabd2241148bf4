import JSON
import Linux
import TestSupport
import Testing

@testable import Images

@Suite("saving images", .networkNamespace)
struct SaveTests {
  /// A store with the image that umoci made, `app:1`, and a folder beside it.
  private func loaded() throws -> (folder: ScratchFolder, store: ImageStore) {
    let folder = try ScratchFolder(), store = ImageStore(root: folder["root"])
    try LoadTests.makeImage(in: folder)
    try folder.shell("skopeo copy -q oci:made:1.0 docker-archive:in.tar:app:1")
    _ = try store.load(folder["in.tar"])
    return (folder, store)
  }

  private func save(_ store: ImageStore, _ names: [String], _ format: ArchiveFormat, to path: String) throws {
    let file = try OwnedFile(path, flags: [.writeOnly, .create])
    try store.save(names, as: format, to: file.descriptor)
  }

  @Test("writes archives that skopeo reads and umoci unpacks to the same files", arguments: [ArchiveFormat.docker, .oci])
  func roundTrip(format: ArchiveFormat) throws {
    let (folder, store) = try loaded()
    try save(store, ["app:1"], format, to: folder["out.tar"])
    let source = format == .docker ? "docker-archive:out.tar" : "oci-archive:out.tar:app:1"
    let config = try JSONValue.parse(folder.shell("skopeo inspect --config \(source)"))
    #expect(config["config"]["Cmd"] == ["httpd"])
    #expect(config["rootfs"]["diff_ids"].elements.map(\.string) == (try store.image(named: "app:1").layerDigests))
    try folder.shell("skopeo copy -q \(source) oci:again:1; umoci unpack --image again:1 bundle2 >log 2>&1")
    #expect(try LoadTests.describe(folder["bundle2/rootfs"]) == LoadTests.describe(folder["bundle/rootfs"]))
  }

  @Test("writes what another store loads as the very same image", arguments: [ArchiveFormat.docker, .oci])
  func sameIdentity(format: ArchiveFormat) throws {
    let (folder, store) = try loaded(), other = ImageStore(root: folder["other"]), image = try store.image(named: "app:1")
    try store.tag("app:1", as: ImageReference("second/name"))
    try save(store, ["app:1", "second/name"], format, to: folder["out.tar"])
    #expect(Set(try other.load(folder["out.tar"])) == [.loaded(name: "app:1"), .loaded(name: "second/name:latest")])
    #expect(try other.image(named: "second/name").id == image.id)
    try save(store, [image.id], format, to: folder["id.tar"])
    #expect(try other.load(folder["id.tar"]) == [.loadedID(image.id)])
  }

  @Test("restores layers byte for byte, whatever strange archives they came from")
  func strangeLayers() throws {
    let folder = try ScratchFolder(), store = ImageStore(root: folder["root"])
    try folder.shell(
      "mkdir t; cd t; truncate -s 3M hole; echo x >> hole; echo y > plain; tar -S -cf ../gnu.tar .; tar -S -H pax -cf ../pax.tar .; tar -H v7 -cf ../v7.tar plain"
    )
    var layers = try ["gnu", "pax", "v7"].map { try FileSystem.read(folder["\($0).tar"]) }
    layers.append(
      TestLayout.layer {
        $0.add("file", content: "first")
        $0.add("file", content: "second")
        $0.add("folder/", kind: "5")
        $0.add("folder/inner", content: "inner")
        $0.add("folder", content: "now a file")
        $0.add(".wh.gone", content: "not empty")
        $0.add(".wh..wh.plnk/1.2", content: "aufs")
        $0.add("through", kind: "2", target: "real")
        $0.add("real/", kind: "5")
        $0.add("through/file", content: "through a link")
        $0.addAttribute("size", "11")
        $0.add("sized", content: "hello world")
        $0.addAttribute("path", String(repeating: "long/", count: 40) + "name")
        $0.add("short", content: "long")
      } + Array("trailing rubbish".utf8))
    layers.append([])
    let layout = try TestLayout.of(layers)
    _ = try store.load(layout.path)
    try save(store, ["test"], .oci, to: folder["out.tar"])
    try folder.shell("mkdir out; tar -C out -xf out.tar")
    for layer in layers { #expect(try FileSystem.read(folder["out/blobs/sha256/\(Digest(of: layer).hex)"]) == layer) }
  }

  @Test("refuses to save a layer that was tampered with, by its name")
  func tampered() throws {
    let (folder, store) = try loaded(), image = try store.image(named: "app:1")
    try folder.shell("printf X | dd of=\(image.layerFolders[1])/srv/deep/er/random conv=notrunc status=none")
    let error = #expect(throws: ImageError.self) { try save(store, ["app:1"], .docker, to: folder["out.tar"]) }
    #expect(error?.description.contains(image.layerDigests[0]) == true, "\(String(describing: error))")
  }
}
