import JSON
import Linux
import TestSupport
import Testing

@Suite("the commands for images", .networkNamespace)
struct ImageCommandTests {
  @Test("images are imported, listed, tagged, looked at and removed, in docker's words")
  func life() throws {
    let berth = try Berth()
    #expect(try berth("images") == "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE")
    let id = try berth("import", "-c", "CMD [\"sh\"]", "-c", "LABEL tier=base", "-m", "by hand", berth.rootfs, "base:1")
    #expect(id.hasPrefix("sha256:") && id.count == 71)
    try berth("tag", "base:1", "example.org:5000/team/app")
    let lines = try berth("images").split(separator: "\n").map {
      $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
    }
    #expect(lines.count == 3)
    #expect(lines[1].starts(with: ["base", "1", String(id.dropFirst(7).prefix(12))]), "\(lines)")
    #expect(lines[2].starts(with: ["example.org:5000/team/app", "latest"]), "\(lines)")
    #expect(try berth("images", "-q", "--no-trunc", "base") == id)
    #expect(
      try berth("image", "ls", "--format", "{{.Repository}}={{.Tag}}", "--filter", "reference=*/*/app")
        == "example.org:5000/team/app=latest")
    #expect(try berth("images", "-q", "--filter", "label=tier=other") == "")
    #expect(
      try berth("image", "inspect", "--format", "{{.RepoTags}} {{.Config.Cmd}} {{.Comment}} {{.Os}}", "base:1")
        == "[base:1 example.org:5000/team/app:latest] [sh] by hand linux")
    #expect(try berth("inspect", "--type", "image", "--format", "{{.Id}}", String(id.dropFirst(7).prefix(5))) == id)
    #expect(try berth("history", "base:1").split(separator: "\n").count == 2)
    #expect(try berth("rmi", "base:1") == "Untagged: base:1")
    let gone = try berth("image", "rm", "example.org:5000/team/app").split(separator: "\n")
    #expect(gone.prefix(2) == ["Untagged: example.org:5000/team/app:latest", "Deleted: \(id)"] && gone.count == 3)
    #expect(try FileSystem.names(in: "\(berth.root)/images/layers").isEmpty)
  }

  @Test(
    "what cannot be done is said in one sentence, with what may have been meant",
    arguments: [
      (["run", "bsae"], 125, "Unable to find image 'bsae:latest' locally: did you mean base:latest?"),
      (["run", "base:2"], 125, "Unable to find image 'base:2' locally: did you mean base:latest?"),
      (["create", "Base"], 125, "invalid reference format: 'Base': repository name must be lowercase"),
      (["rmi", "bsae"], 1, "No such image: bsae:latest: did you mean base:latest?"),
      (["tag", "base", "a:b:c"], 1, "invalid reference format"),
      (["tag", "nothing", "x"], 1, "No such image: nothing:latest"),
      (["save", "-o", "/run/x", "base", "nothing"], 1, "No such image: nothing:latest"),
      (["save", "--format", "zip", "base"], 125, "expected docker or oci"),
      (["load", "-i", "/run/nothing"], 1, "open /run/nothing: no such file or directory"),
      (["load", "-i", "/etc/passwd"], 1, "/etc/passwd: "),
      (["load", "-i", "/etc"], 1, "/etc: it is no image archive: it has neither manifest.json nor index.json"),
      (["import", "http://x/y.tar"], 125, "berth fetches nothing"),
      (["import", "/etc/passwd", "x"], 1, "import: "),
      (["image", "inspect", "nothing"], 1, "'nothing:latest'"),
      (["image", "ls", "--filter", "size=3"], 125, "invalid filter 'size=3'"),
      (["image", "prune", "-f", "--filter", "x"], 125, "invalid filter 'x'"),
      (["diff", "nothing"], 1, "No such container: nothing"),
      (["commit", "nothing"], 1, "No such container: nothing"),
    ])
  func errors(words: [String], status: Int32, expected: String) throws {
    let berth = try Berth()
    try berth.importBase()
    let output = try berth.attempt(words)
    #expect(output.status == status && output.text.isEmpty || words[1] == "inspect", "\(output)")
    #expect(output.errors.contains(expected) && output.errors.hasPrefix("Error: "), "\(output)")
    #expect(!FileSystem.exists("/run/x"))
  }

  @Test("what is saved is loaded again as the same image, from a file, a pipe and by another program", arguments: ["docker", "oci"])
  func archives(format: String) throws {
    let berth = try Berth()
    try berth.importBase("CMD [\"cat\", \"/www/index.html\"]", "USER web")
    let id = try berth("images", "-q", "--no-trunc")
    try berth.script(
      """
      berth save --format \(format) base > a.tar
      berth save --format \(format) -o b.tar base; cmp a.tar b.tar
      skopeo inspect --raw --config \(format)-archive:a.tar > config.json
      berth rmi base
      """)
    #expect(try berth("load", "-i", "\(Berth.folder)/a.tar") == "Loaded image: base:latest")
    #expect(try berth("images", "-q", "--no-trunc") == id)
    try berth("rmi", "base")
    #expect(try berth.script("gzip < a.tar | berth load") == "Loaded image: base:latest\n")
    #expect(try berth("run", "--rm", "--network", "none", "base") == "hello")
    #expect(try berth("image", "inspect", "--format", "{{.Config.User}}", id) == "web")
  }

  @Test("an image that containers use stays, and unused ones are pruned")
  func prune() throws {
    let berth = try Berth()
    try berth.importBase("CMD [\"true\"]", "LABEL keep=me")
    let id = try berth("images", "-q", "--no-trunc"), short = id.dropFirst(7).prefix(12)
    let container = try berth("create", "--network", "none", "base")
    #expect(
      try berth.attempt("rmi", "base").errors
        == "Error: conflict: unable to remove repository reference \"base\" (must force) - container \(container.prefix(12)) is using its referenced image \(short)\n"
    )
    #expect(try berth("rmi", "-f", "base") == "Untagged: base:latest")
    #expect(try berth("images").contains("<none>"))
    #expect(try berth("image", "prune", "-f") == "Total reclaimed space: 0B")
    // The container outlives the image's name.
    #expect(try berth("start", "-a", container) == "")
    #expect(try berth("info", "--format", "{{.Images}}") == "1")
    #expect(
      try berth("system", "df", "--format", "{{.Type}} {{.TotalCount}} {{.Active}} {{.Reclaimable}}").split(separator: "\n").first
        == "Images 1 1 0B (0%)")
    try berth("rm", container)
    #expect(try berth("image", "prune", "-f", "--filter", "label=other") == "Total reclaimed space: 0B")
    let pruned = try berth("prune", "-f")
    #expect(pruned.contains("Deleted Images:\ndeleted: \(id)\n") && !pruned.hasSuffix("space: 0B"), "\(pruned)")
    #expect(try berth("info", "--format", "{{.Images}}") == "0")
    try berth.importBase()
    #expect(try berth("image", "prune", "-f") == "Total reclaimed space: 0B")
    #expect(try berth("image", "prune", "-a", "-f").contains("untagged: base:latest\n"))
  }

  @Test("a killed import leaves nothing, and nothing of it stops the next one")
  func killed() throws {
    let berth = try Berth()
    let output = try berth.script(
      """
      tar c -C /run/rootfs . > base.tar; mkfifo pipe; berth import - half < pipe & pid=$!
      exec 3> pipe; head -c 1000000 base.tar >&3
      until ls /var/lib/berth/images/temporary/*/diff/bin >/dev/null 2>&1; do :; done
      kill -9 $pid; wait $pid 2>/dev/null || true; exec 3>&-
      ls /var/lib/berth/images/temporary | wc -l; berth images -q; ls /var/lib/berth/images/temporary | wc -l
      berth import base.tar half >/dev/null; berth run --rm --network none half cat /www/index.html
      """)
    #expect(output == "1\n0\nhello\n")
  }

  @Test("a container that is made while its image is replaced and removed has all its files, or is refused")
  func races() throws {
    let berth = try Berth()
    let output = try berth.script(
      """
      berth import -c 'CMD ["cat","/www/index.html"]' /run/rootfs base > first
      for i in 1 2 3 4 5 6; do berth create --name c$i --network none base >/dev/null 2>&1 & done
      for i in 1 2 3; do (berth rmi -f base; berth import -c "CMD [\"cat\",\"/www/index.html\"]" -c "LABEL n=$i" /run/rootfs base) >/dev/null 2>&1 & done
      wait; berth image prune -af >/dev/null
      for name in $(berth ps -a --format '{{.Names}}'); do berth start -a $name; done | sort -u
      """)
    #expect(["hello\n", ""].contains(output))
  }

  @Test("inspect finds an image, a network or a volume as well, when no container has the name")
  func inspect() throws {
    let berth = try Berth()
    try berth.importBase()
    try berth("volume", "create", "thing")
    try berth("network", "create", "net")
    #expect(try berth("inspect", "--format", "{{.Os}}", "base") == "linux")
    #expect(try berth("inspect", "--format", "{{.Mountpoint}}", "thing") == "/var/lib/berth/volumes/thing/_data")
    #expect(try berth("inspect", "--format", "{{.Driver}}", "net") == "bridge")
    try berth("create", "--name", "thing", "--network", "none", "base", "true")
    #expect(try berth("inspect", "--format", "{{.Name}}", "thing") == "/thing")
    #expect(try berth("inspect", "--type", "volume", "--format", "{{.Name}}", "thing") == "thing")
    #expect(try berth.attempt("inspect", "nothing").errors.contains("No such object: nothing"))
  }

  @Test("what happens to images is an event")
  func events() throws {
    let berth = try Berth()
    try berth.importBase()
    try berth("tag", "base", "other")
    try berth("rmi", "other", "base")
    let events = try berth(
      "events", "--since", "1h", "--until", "0s", "--filter", "type=image", "--format", "{{.Action}} {{.Actor.Attributes.name}}")
    #expect(
      events.split(separator: "\n").prefix(4) == ["import base:latest", "tag other:latest", "untag other:latest", "untag base:latest"],
      "\(events)")
  }
}
