import Linux
import TestSupport
import Testing

@Suite("berth cp, diff and export", .networkNamespace)
struct CopyCommandTests {
  /// A container of busybox that runs, or only exists.
  private func container(_ berth: Berth, isRunning: Bool) throws {
    try berth.importBase()
    let words = ["--name", "c", "--network", "none", "-v", "data:/data", "base", "sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"]
    try berth.run(isRunning ? ["run", "-d"] + words : ["create"] + words)
  }

  @Test("files and folders go in and out as docker's rules have it, whether the container runs or not", arguments: [true, false])
  func rules(isRunning: Bool) throws {
    let berth = try Berth()
    try container(berth, isRunning: isRunning)
    let output = try berth.script(
      """
      mkdir -p tree/sub; echo one > tree/one; echo two > tree/sub/two; chmod 640 tree/one; ln -s one tree/link; chown 1000:1001 tree/one
      berth cp tree/one c:/tmp/renamed; berth cp tree/one c:/tmp; berth cp tree/one c:tmp/../tmp/relative
      berth cp tree c:/tmp; berth cp tree c:/tmp/new; berth cp tree/. c:/tmp/content; mkdir tree/more; berth cp tree/. c:/tmp/new
      berth cp -a tree/one c:/tmp/owned; berth cp -L tree/link c:/tmp/followed
      berth cp c:/tmp - | tar t | sort; echo --
      berth cp c:/tmp/tree out; berth cp c:/tmp/one .; berth cp c:/tmp/tree/. content; berth cp c:/tmp/tree content
      (cd out; find . | sort); stat -c '%n %a %u:%g' out/one one; cat content/tree/sub/two content/sub/two; echo --
      tar c -C tree sub | berth cp - c:/tmp/content/sub; berth cp c:/tmp/content/sub/sub/two - | tar xO
      berth cp c:/tmp - | tar tvf - --numeric-owner tmp/owned tmp/renamed tmp/followed | cut -c1-19
      """)
    #expect(
      output == """
        tmp/
        tmp/content/
        tmp/content/link
        tmp/content/one
        tmp/content/sub/
        tmp/content/sub/two
        tmp/followed
        tmp/new/
        tmp/new/link
        tmp/new/more/
        tmp/new/one
        tmp/new/sub/
        tmp/new/sub/two
        tmp/one
        tmp/owned
        tmp/relative
        tmp/renamed
        tmp/tree/
        tmp/tree/link
        tmp/tree/one
        tmp/tree/sub/
        tmp/tree/sub/two
        --
        .
        ./link
        ./one
        ./sub
        ./sub/two
        out/one 640 0:0
        one 640 0:0
        two
        two
        --
        two
        -rw-r----- 0/0     
        -rw-r----- 1000/100
        -rw-r----- 0/0     

        """)
  }

  @Test("a container's volumes are its files too, whether it runs or not", arguments: [true, false])
  func volumes(isRunning: Bool) throws {
    let berth = try Berth()
    try container(berth, isRunning: isRunning)
    try berth.script("echo in > file; berth cp file c:/data/file; berth cp c:/data/file - | tar xO | cmp - file")
    #expect(try berth("run", "--rm", "--network", "none", "-v", "data:/other", "base", "cat", "/other/file") == "in")
    #expect(try berth("diff", "c").contains("file") == false)
    #expect(try berth.script("berth export c | tar t").contains("data/file") == false)
  }

  @Test("what is read-only in a container is so for cp, whether it runs or not", arguments: [true, false])
  func readOnly(isRunning: Bool) throws {
    let berth = try Berth()
    try berth.importBase()
    let words = [
      "--name", "c", "--network", "none", "--read-only", "-v", "fixed:/fixed:ro", "-v", "free:/free", "base", "sh", "-c",
      "trap 'exit 0' TERM; sleep 1000 & wait",
    ]
    try berth.run(isRunning ? ["run", "-d"] + words : ["create"] + words)
    try berth.script("echo in > file; berth cp file c:/free; berth cp c:/free/file - | tar xO | cmp - file")
    #expect(try berth.attempt(script: "berth cp file c:/fixed").errors.contains("ead-only file system"))
    #expect(try berth.attempt(script: "berth cp file c:/tmp/file").errors.contains("container rootfs is marked read-only"))
    #expect(try berth("run", "--rm", "--network", "none", "-v", "fixed:/fixed", "base", "ls", "/fixed") == "")
  }

  @Test("no link in a container leads out of it")
  func links() throws {
    let berth = try Berth()
    try berth.importBase()
    try berth(
      "run", "--name", "c", "--network", "none", "base", "sh", "-c",
      "ln -s /www /tmp/inside; ln -s ../../../../../../run/secret /tmp/file; ln -s /run /tmp/folder; ln -s /proc/1/root /tmp/root")
    try berth.script("echo secret > /run/secret; echo in > file")
    // The target is what the container would see: its own /run, which has no such file.
    for path in ["/tmp/file", "/tmp/folder/secret", "/tmp/root/run/secret", "/../../run/secret", "/tmp/inside/../../../run/secret"] {
      let output = try berth.attempt(script: "berth cp -L c:\(path) stolen")
      #expect(output.status == 1 && output.errors.hasPrefix("Error: "), "\(path): \(output)")
    }
    try berth.script("berth cp file c:/tmp/inside; berth cp c:/www/file - | tar xO | cmp - file")
    #expect(try berth.attempt(script: "berth cp file c:/tmp/folder/pwned").status == 1)
    #expect(
      try berth.attempt(script: "tar c -P --transform 's,^file,../../run/pwned,' file | berth cp - c:/tmp").errors.contains("leads upwards")
    )
    #expect(!FileSystem.exists("/run/pwned"))
    // A link is copied as a link.
    #expect(try berth.script("berth cp c:/tmp/file copied; readlink copied") == "../../../../../../run/secret\n")
  }

  @Test(
    "what docker refuses is refused",
    arguments: [
      ("berth cp c:/nothing .", "Could not find the file /nothing"), ("berth cp file c:/nothing/file", "does not exist"),
      ("berth cp file c:/nothing/", "must exist"), ("berth cp tree c:/www/index.html", "cannot copy a directory"),
      ("berth cp c:/www/index.html c:/tmp", "copying between containers is not supported"),
      ("berth cp file file2", "must specify at least one container source"), ("berth cp nothing c:/", "Could not find the file"),
      ("berth cp '' c:/", "source can not be empty"), ("berth cp gone:/x .", "No such container: gone"),
      ("berth cp - c:/www/index.html < /dev/null", "must be a directory"), ("echo x | berth cp - c:/tmp", "rror"),
    ])
  func refusals(line: String, expected: String) throws {
    let berth = try Berth()
    try container(berth, isRunning: false)
    let output = try berth.attempt(script: "echo x > file; mkdir tree; \(line)")
    #expect(output.status != 0 && output.errors.contains(expected), "\(output)")
  }

  @Test("diff lists what a container changed, and nothing that berth put there")
  func diff() throws {
    let berth = try Berth()
    try berth.importBase()
    try berth("run", "--name", "c", "base", "true")
    #expect(try berth("diff", "c") == "")
    try berth(
      "run", "--name", "d", "base", "sh", "-c",
      "echo x >> /etc/passwd; mkdir /new; touch /new/file; rm -r /www; mkdir /www; rm /bin/yes; chmod 700 /root")
    #expect(
      try berth("diff", "d").split(separator: "\n") == [
        "C /bin", "D /bin/yes", "C /etc", "C /etc/passwd", "A /new", "A /new/file", "C /root", "C /www", "D /www/index.html",
      ])
    #expect(try berth.attempt("diff", "c", "d").status != 0)
  }

  @Test("an exported container is imported as an image with the same files")
  func export() throws {
    let berth = try Berth()
    try container(berth, isRunning: true)
    try berth("exec", "c", "sh", "-c", "echo kept > /tmp/kept; chown web /tmp/kept; ln /tmp/kept /tmp/second; rm /bin/yes")
    try berth.script("berth export c | berth import - flat; berth export -o c.tar c; berth import c.tar other >/dev/null")
    for name in ["flat", "other"] {
      #expect(
        try berth(
          "run", "--rm", "--network", "none", name, "sh", "-c", "cat /tmp/second; ls -l /tmp/kept | cut -c1-22; ls /bin/yes || true")
          == "kept\n-rw-r--r--    2 web   ")
    }
  }
}
