import JSON
import Linux
import TestSupport
import Testing

@Suite("berth commit", .networkNamespace)
struct CommitTests {
  @Test("a container's changes become an image that runs, whiteouts, owners and links included")
  func changes() throws {
    let berth = try Berth()
    try berth.importBase("ENV KEPT=1", "WORKDIR /www")
    try berth(
      "run", "--name", "c", "--network", "none", "-e", "ADDED=2", "base", "sh", "-c",
      "echo new > /tmp/file; chown 1000:1001 /tmp/file; chmod 4711 /tmp/file; ln /tmp/file /tmp/twin; rm /bin/yes; rm -r /www; mkdir /www; echo x > /www/only; mkfifo /tmp/pipe"
    )
    let id = try berth("commit", "-a", "somebody", "-m", "why not", "-c", "CMD [\"cat\", \"/tmp/file\"]", "c", "new:1")
    #expect(try berth("run", "--rm", "--network", "none", "new:1") == "new")
    let look = try berth(
      "run", "--rm", "--network", "none", "new:1", "sh", "-c", "ls -l /tmp | cut -c1-33; ls /www /bin/yes 2>&1; echo $KEPT $ADDED; pwd")
    #expect(
      look.contains("-rws--x--x    2 web      web") && look.contains("\nonly\n") && look.contains("/bin/yes: No such file"), "\(look)")
    #expect(look.contains("prw") && look.hasSuffix("1 2\n/www"), "\(look)")
    #expect(
      try berth("image", "inspect", "--format", "{{.Id}} {{.Author}} {{.Comment}} {{len .RootFS.Layers}}", "new:1")
        == "\(id) somebody why not 2")
    #expect(try berth("history", "--format", "{{.Comment}}|{{.Size}}", "new:1").split(separator: "\n").first?.hasPrefix("why not|") == true)
    // The base stays what it was, and neither goes while the other needs its layers.
    #expect(try berth("run", "--rm", "--network", "none", "base", "ls") == "index.html")
    try berth("rm", "c")
    try berth("rmi", "base")
    #expect(try berth("run", "--rm", "--network", "none", "new:1") == "new")
  }

  @Test("a running container is frozen while it is committed, and goes on")
  func running() throws {
    let berth = try Berth()
    try berth.importBase()
    try berth(
      "run", "-d", "--name", "c", "--network", "none", "base", "sh", "-c", "echo first > /tmp/file; trap 'exit 0' TERM; sleep 1000 & wait")
    try berth.await("first") { try berth.attempt("exec", "c", "cat", "/tmp/file").text }
    try berth("commit", "c", "moment")
    #expect(try berth("run", "--rm", "--network", "none", "moment", "cat", "/tmp/file") == "first")
    #expect(try berth("exec", "c", "cat", "/tmp/file") == "first")
    #expect(try berth("commit", "--pause=false", "c").hasPrefix("sha256:"))
    let events = try berth("events", "--since", "1h", "--until", "0s", "--filter", "container=c", "--format", "{{.Action}}")
    #expect(
      events.split(separator: "\n").filter { ["pause", "commit", "unpause"].contains($0) } == ["pause", "unpause", "commit", "commit"])
    #expect(try berth("images", "--filter", "dangling=true", "-q").split(separator: "\n").count == 1)
  }

  @Test("the image says what the container was told")
  func configuration() throws {
    let berth = try Berth()
    try berth.importBase("LABEL a=1", "EXPOSE 80", "STOPSIGNAL SIGINT")
    try berth(
      "create", "--name", "c", "--network", "none", "--entrypoint", "echo", "-u", "web", "-w", "/tmp", "--label", "b=2", "--expose",
      "81/udp",
      "-v", "/state", "--health-cmd", "true", "--health-retries", "7", "base", "word")
    try berth("commit", "-c", "ENV X=y", "-c", "EXPOSE 82", "c", "told")
    let template =
      "{{.Config.Entrypoint}} {{.Config.Cmd}} {{.Config.User}} {{.Config.WorkingDir}} {{.Config.StopSignal}} {{json .Config.Labels}} "
      + "{{json .Config.ExposedPorts}} {{json .Config.Volumes}} {{.Config.Env}} {{.Config.Healthcheck.Retries}} {{.Config.Healthcheck.Test}}"
    #expect(
      try berth("image", "inspect", "--format", template, "told")
        == #"[echo] [word] web /tmp SIGINT {"a":"1","b":"2"} {"80/tcp":{},"81/udp":{},"82/tcp":{}} {"/state":{}} [X=y] 7 [CMD-SHELL true]"#)
    #expect(try berth("run", "--rm", "--network", "none", "told") == "word")
    #expect(try berth.attempt("commit", "-c", "FROM x", "c").errors.contains("FROM"))
    #expect(try berth.attempt("commit", "c", "Bad").errors.contains("repository name must be lowercase"))
  }

  @Test("files whose names are no text are listed, refused where they would be lost, and removed with their container")
  func names() throws {
    let berth = try Berth()
    try berth.importBase()
    try berth(
      "run", "--name", "c", "--network", "none", "base", "sh", "-c",
      "cd /tmp; mkdir \"$(printf 'd\\377')\"; echo x > \"$(printf 'd\\377/\\376')\"; echo ü > Ü")
    #expect(try berth("diff", "c").split(separator: "\n") == ["C /tmp", "A /tmp/d\u{FFFD}", "A /tmp/Ü"])
    for line in ["berth commit c", "berth export c > x.tar", "berth cp c:/tmp - > x.tar", "berth cp c:/tmp out"] {
      let output = try berth.attempt(script: line)
      #expect(output.status == 1 && output.errors.contains("the name 'd\u{FFFD}' is not UTF-8"), "\(line): \(output)")
    }
    try berth("rm", "c")
    #expect(try FileSystem.names(in: "\(berth.root)/containers").isEmpty)
  }

  @Test("a container of a folder becomes an image of the whole folder")
  func folder() throws {
    let berth = try Berth()
    try berth("create", "--name", "c", "--network", "none", "--rootfs", berth.rootfs, "cat", "/www/index.html")
    try berth("commit", "c", "whole")
    #expect(try berth("run", "--rm", "--network", "none", "whole") == "hello")
  }

  @Test("a committed image is one for other programs too")
  func foreign() throws {
    let berth = try Berth()
    try berth.importBase()
    try berth("run", "--name", "c", "--network", "none", "base", "sh", "-c", "rm -r /www; echo x > /tmp/x")
    try berth("commit", "c", "done")
    let files = try berth.script(
      """
      berth save -o done.tar done; skopeo copy -q docker-archive:done.tar oci:layout:1; umoci unpack --image layout:1 bundle >log 2>&1
      cd bundle/rootfs; ls; cat tmp/x
      """)
    #expect(files == "bin\ndev\netc\nproc\nroot\nsys\ntmp\nx\n" || files == "bin\netc\nroot\ntmp\nx\n", "\(files)")
  }
}
