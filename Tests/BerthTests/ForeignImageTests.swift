import Linux
import TestSupport
import Testing

/// Images that other programs made, and programs that were not made for a test.
@Suite("images of other programs", .networkNamespace)
struct ForeignImageTests {
  /// The image `app:1`, that says everything an image can say, as `layout` by umoci.
  private static let umoci = """
    umoci init --layout layout >log 2>&1; umoci new --image layout:made >>log 2>&1; umoci unpack --image layout:made bundle >>log 2>&1
    cp -a /run/rootfs/. bundle/rootfs; mkdir bundle/rootfs/state; echo seed > bundle/rootfs/state/seed; chown -R 1000:1001 bundle/rootfs/state
    umoci repack --image layout:made bundle >>log 2>&1
    umoci config --image layout:made --config.entrypoint /bin/sh --config.entrypoint -c --config.env GREETING=hello \
      --config.cmd 'echo $GREETING $PWD; id -u; id -g; cat /state/seed; echo more > /state/more; sleep 1000 & trap "echo stopped; exit 9" USR1; wait' \
      --config.workingdir /www --config.user web --config.exposedports 80/tcp --config.exposedports 53/udp --config.volume /state \
      --config.stopsignal USR1 --config.label tier=web >>log 2>&1
    """
  /// The same by buildah.
  private static let buildah = """
    export STORAGE_DRIVER=vfs; b="buildah --root $PWD/storage --runroot $PWD/run"
    c=$($b from scratch); $b copy -q $c /run/rootfs / >/dev/null; mkdir state; echo seed > state/seed; $b copy -q --chown 1000:1001 $c state /state >/dev/null
    $b config --entrypoint '["/bin/sh","-c"]' --env GREETING=hello --workingdir /www --user web --port 80/tcp --port 53/udp --volume /state \
      --stop-signal USR1 --label tier=web $c
    $b config --cmd '["echo $GREETING $PWD; id -u; id -g; cat /state/seed; echo more > /state/more; sleep 1000 & trap \\"echo stopped; exit 9\\" USR1; wait"]' $c
    """

  @Test(
    "a container is what its image says, whoever made it",
    arguments: [
      (umoci, "skopeo copy -q oci:layout:made oci:app:1", "app"),
      (umoci, "skopeo copy -q oci:layout:made oci-archive:a.tar:app:1", "a.tar"),
      (umoci, "skopeo copy -q oci:layout:made docker-archive:a.tar:app:1; gzip a.tar", "a.tar.gz"),
      (buildah, "$b commit -q $c app:1 >log 2>&1; $b push -q app:1 oci-archive:$PWD/a.tar:app:1 2>>log", "a.tar"),
      (buildah, "$b commit -q --format docker $c other >log 2>&1; $b push -q other docker-archive:$PWD/a.tar:app:1 2>>log", "a.tar"),
    ])
  func says(script: String, packing: String, file: String) throws {
    let berth = try Berth()
    try berth.script("\(script)\n\(packing)\nberth load -i \(file) | grep -x 'Loaded image: app:1'")
    try berth("run", "-d", "-P", "--name", "c", "app:1")
    try berth.await("seed") { try berth("logs", "c") }
    #expect(try berth("logs", "c") == "hello /www\n1000\n1001\nseed")
    #expect(try berth("port", "c").split(separator: "\n").map { $0.prefix { $0 != " " } }.contains("53/udp"))
    #expect(
      try berth.inspect("c", "{{len .NetworkSettings.Ports}} {{.Config.Labels.tier}} {{.Config.StopSignal}} {{json .Config.Volumes}}")
        == #"2 web SIGUSR1 {"/state":{}}"#)
    #expect(try berth("ps", "--format", "{{.Image}}", "--filter", "ancestor=app:1") == "app:1")
    // The image's files are in the volume, and what the program adds is.
    #expect(try berth.script("cat \"$(berth inspect --format '{{(index .Mounts 0).Source}}' c)\"/*") == "more\nseed\n")
    try berth("stop", "c")
    #expect(try berth.inspect("c", "{{.State.ExitCode}}") == "9")
    #expect(try berth("logs", "c").hasSuffix("stopped"))
    // What a person says counts more.
    #expect(
      try berth(
        "run", "--rm", "--network", "none", "-u", "0", "-w", "/", "-e", "GREETING=bye", "--entrypoint", "sh", "app:1", "-c",
        "echo $GREETING $PWD; id -u") == "bye /\n0")
  }

  @Test("the image's health check tells whether a container is well")
  func health() throws {
    let berth = try Berth()
    try berth.script(
      """
      export STORAGE_DRIVER=vfs; b="buildah --root $PWD/storage --runroot $PWD/run"
      c=$($b from scratch); $b copy -q $c /run/rootfs / >/dev/null; $b config --cmd '["sleep","1000"]' $c
      $b config --healthcheck "CMD-SHELL 'echo looking; test -e /tmp/well'" --healthcheck-interval 100ms --healthcheck-retries 2 $c
      $b commit -q --format docker $c checked >log 2>&1; $b push -q checked docker-archive:$PWD/a.tar:checked:latest 2>>log; berth load -i a.tar
      """)
    try berth("run", "-d", "--name", "c", "--network", "none", "checked")
    try berth.await("unhealthy") { try berth.inspect("c", "{{.State.Health.Status}}") }
    #expect(try berth("ps", "--format", "{{.Status}}").hasSuffix("(unhealthy)"))
    #expect(try berth.inspect("c", "{{(index .State.Health.Log 0).Output}}").hasPrefix("looking"))
    try berth("exec", "c", "touch", "/tmp/well")
    try berth.await("healthy 0") { try berth.inspect("c", "{{.State.Health.Status}} {{.State.Health.FailingStreak}}") }
    #expect(try berth("ps", "--filter", "health=healthy", "--format", "{{.Status}}").hasSuffix("(healthy)"))
    try berth("run", "-d", "--name", "d", "--network", "none", "--no-healthcheck", "checked")
    #expect(try berth("ps", "--filter", "name=d", "--format", "{{.Status}}").contains("health") == false)
  }

  @Test("Debian's redis is an image with a volume, a port and a check, used from the host and by a linked container")
  func redis() throws {
    let berth = try Berth()
    try berth.script(
      """
      mkdir -p root/data root/tmp root/etc; echo 'redis:x:101:102::/data:/bin/false' > root/etc/passwd; chown 101:102 root/data; chmod 750 root/data
      for program in redis-server redis-cli; do
        cp --parents -L /usr/bin/$program $(ldd /usr/bin/$program | grep -o '/[^ ]*') root
      done
      berth import -c 'USER redis' -c 'EXPOSE 6379' -c 'VOLUME /data' -c 'WORKDIR /data' -c 'ENTRYPOINT ["/usr/bin/redis-server"]' \
        -c 'CMD ["--protected-mode","no"]' -c 'HEALTHCHECK --interval=100ms CMD ["/usr/bin/redis-cli","ping"]' root redis:7
      """)
    try berth("run", "-d", "-P", "--name", "db", "redis:7")
    try berth.await("healthy") { try berth.inspect("db", "{{.State.Health.Status}}") }
    let port = try #require(try berth("port", "db", "6379").split(separator: "\n").first?.split(separator: ":").last)
    #expect(try Command.run("redis-cli -p \(port) set name berth").text == "OK\n")
    #expect(
      try berth(
        "run", "--rm", "--link", "db:store", "--entrypoint", "/usr/bin/redis-cli", "--no-healthcheck", "redis:7", "-h", "store", "get",
        "name") == "berth")
    // What it keeps outlives it: by SAVE at the stop, in the volume.
    try berth("stop", "db")
    try berth("start", "db")
    try berth.await("berth") { try berth.attempt("exec", "db", "/usr/bin/redis-cli", "get", "name").text }
    #expect(try berth("exec", "db", "/usr/bin/redis-cli", "config", "get", "dir") == "dir\n/data")
  }

  @Test("Debian's python serves pages from an image, and of one that was committed with other pages")
  func python() throws {
    let berth = try Berth()
    try berth.script(
      """
      mkdir -p root/srv; echo first > root/srv/index.html
      cp --parents -L /usr/bin/python3 $(ldd /usr/bin/python3 | grep -o '/[^ ]*') root
      library=$(/usr/bin/python3 -c 'import os; print(os.path.dirname(os.__file__))')
      tar c --exclude __pycache__ --exclude test --exclude 'config-*' --exclude idlelib --exclude lib2to3 --exclude ensurepip --exclude pydoc_data \
        $library 2>log | tar x -C root
      berth import -c 'WORKDIR /srv' -c 'EXPOSE 8000' -c 'CMD ["/usr/bin/python3","-S","-m","http.server","8000"]' root python
      rm -r root
      """)
    try berth("run", "-d", "--name", "web", "-p", "8080:8000", "python")
    #expect(try berth.fetch("http://127.0.0.1:8080/") == "first\n")
    try berth.script("echo second > index.html; berth cp index.html web:/srv; berth commit web python:two")
    try berth("run", "-d", "--name", "two", "-p", "8081:8000", "python:two")
    #expect(try berth.fetch("http://127.0.0.1:8081/") == "second\n")
    #expect(try berth("diff", "web").contains("C /srv/index.html"))
  }

  @Test("an image of as many layers as there can be is run, copied from, and not committed to")
  func layers() throws {
    let berth = try Berth()
    try berth.script(
      #"""
      cat > make.py <<'END'
      import hashlib, io, json, os, tarfile
      os.makedirs('layout/blobs/sha256')
      def blob(kind, data):
        digest = hashlib.sha256(data).hexdigest()
        open('layout/blobs/sha256/' + digest, 'wb').write(data)
        return {'mediaType': 'application/vnd.oci.image.' + kind, 'digest': 'sha256:' + digest, 'size': len(data)}
      def layer(number):
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode='w') as tar:
          if number == 0: tar.add('/run/rootfs', '.')
          for name in ['layers/%d' % number, 'last']:
            entry = tarfile.TarInfo(name); text = b'%d\n' % number; entry.size = len(text); tar.addfile(entry, io.BytesIO(text))
        return blob('layer.v1.tar', data.getvalue())
      layers = [layer(number) for number in range(127)]
      config = {'os': 'linux', 'architecture': os.popen('dpkg --print-architecture').read().strip(), 'config': {},
        'rootfs': {'type': 'layers', 'diff_ids': [layer['digest'] for layer in layers]}}
      manifest = {'schemaVersion': 2, 'config': blob('config.v1+json', json.dumps(config).encode()), 'layers': layers}
      entry = blob('manifest.v1+json', json.dumps(manifest).encode())
      entry['annotations'] = {'org.opencontainers.image.ref.name': 'deep:latest'}
      json.dump({'schemaVersion': 2, 'manifests': [entry]}, open('layout/index.json', 'w'))
      json.dump({'imageLayoutVersion': '1.0.0'}, open('layout/oci-layout', 'w'))
      END
      /usr/bin/python3 make.py; berth load -i layout
      """#)
    #expect(try berth("run", "--name", "c", "--network", "none", "deep", "sh", "-c", "ls /layers | wc -l; cat /last") == "127\n126")
    #expect(try berth.script("berth cp c:/last - | tar xO; berth diff c") == "126\n")
    #expect(try berth.attempt("commit", "c").errors.contains("127 layers already"))
  }
}
