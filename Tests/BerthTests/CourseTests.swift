import Linux
import TestSupport
import Testing

/// What container courses have people type.
@Suite("the courses' flows", .networkNamespace)
struct CourseTests {
  @Test("a web server is published, fetched, looked at and removed")
  func web() throws {
    let berth = try Berth()
    try berth("run", "-d", "--name", "web", "-p", "8080:80", "--rootfs", berth.rootfs, "httpd", "-f", "-p", "80", "-h", "/www")
    #expect(try berth.fetch("http://127.0.0.1:8080/") == "hello\n")
    #expect(try berth("ps", "--format", "{{.Ports}}").hasPrefix("0.0.0.0:8080->80/tcp"))
    #expect(try berth("port", "web", "80/tcp").split(separator: "\n").first == "0.0.0.0:8080")
    let second = try berth.attempt("run", "-d", "-p", "8080:80", "--rootfs", berth.rootfs, "true")
    #expect(second.status == 125 && second.errors.contains("8080") && second.errors.contains("web"), "\(second)")
    try berth("stop", "-t", "0", "web")
    #expect(try Command.attempt(["curl", "--silent", "--max-time", "2", "http://127.0.0.1:8080/"]).status != 0)
    try berth("start", "web")
    #expect(try berth.fetch("http://127.0.0.1:8080/") == "hello\n")
  }

  @Test("a database with a published port and a password is used by a linked container, and from the host")
  func database() throws {
    let berth = try Berth()
    // A real server: Debian's, with the host's libraries mounted.
    let host = ["-v", "/usr:/usr:ro", "-v", "/etc/ssl:/etc/ssl:ro"]
    for name in ["lib", "lib64"] { _ = try Command.attempt(["ln", "-s", "usr/\(name)", "\(berth.rootfs)/\(name)"]) }
    try berth.run(
      ["run", "-d", "--name", "db", "-e", "PASSWORD=secret", "-p", "4407:6379", "--expose", "6379"] + host
        + [
          "--rootfs", berth.rootfs, "sh", "-c",
          "exec /usr/bin/redis-server --port 6379 --requirepass $PASSWORD --save '' --protected-mode no",
        ])
    try berth.await("PONG") { try Command.attempt(["redis-cli", "-p", "4407", "-a", "secret", "--no-auth-warning", "ping"]).text }
    try Command.run("redis-cli -p 4407 -a secret --no-auth-warning set name berth")
    let answer = try berth.run(
      ["run", "--rm", "--link", "db:store"] + host
        + [
          "--rootfs", berth.rootfs, "sh", "-c",
          "/usr/bin/redis-cli -h $STORE_PORT_6379_TCP_ADDR -p $STORE_PORT_6379_TCP_PORT -a $STORE_ENV_PASSWORD --no-auth-warning get name; grep -c store /etc/hosts",
        ])
    #expect(answer.hasPrefix("berth\n"))
    #expect(try berth("exec", "db", "sh", "-c", "echo $PASSWORD") == "secret")
  }

  @Test("a volume is shared by name and by --volumes-from, and outlives its containers")
  func volumes() throws {
    let berth = try Berth()
    try berth("volume", "create", "data")
    try berth.start("writer", ["--network", "none", "-v", "data:/data"], "echo kept > /data/file; trap 'exit 0' TERM; sleep 1000 & wait")
    try berth.await("kept") { try berth.attempt("exec", "writer", "cat", "/data/file").text }
    #expect(try berth.shell(["--volumes-from", "writer:ro"], "cat /data/file; echo x > /data/file").text == "kept\n")
    try berth("rm", "-f", "writer")
    #expect(try berth.shell(["-v", "data:/other"], "cat /other/file").text == "kept\n")
  }

  @Test("containers on a network of their own find each other by name")
  func names() throws {
    let berth = try Berth()
    try berth("network", "create", "front")
    try berth("run", "-d", "--name", "web", "--network", "front", "--rootfs", berth.rootfs, "httpd", "-f", "-p", "80", "-h", "/www")
    let output = try berth.attempt(
      "run", "--rm", "--network", "front", "--rootfs", berth.rootfs, "sh", "-c",
      "until nc web 80 -e true 2>/dev/null; do :; done; grep -c web /etc/hosts")
    #expect(output.status == 0 && output.text != "0\n", "\(output)")
  }
}
