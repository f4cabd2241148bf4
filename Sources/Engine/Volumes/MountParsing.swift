internal import Linux

/// Reads the words of `-v`, `--mount`, `--tmpfs` and `--volumes-from`, and of an image's volumes, into mounts whose volumes need not exist yet.
enum MountParsing {
  /// `-v [source:]destination[:options]`: a path of the host, a volume's name, or nothing for a new volume.
  static func volume(_ text: String) throws(EngineError) -> RecordedMount {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
    guard (1...3).contains(parts.count), !parts.contains("") else {
      throw EngineError("invalid volume specification: '\(text)'", exitCode: 125)
    }
    var mount = RecordedMount()
    mount.kind = .volume
    if parts.count == 1 {
      mount.isAnonymous = true
      mount.destination = try destination(parts[0], text)
      return mount
    }
    mount.destination = try destination(parts[1], text)
    if parts[0].hasPrefix("/") {
      mount.kind = .bind
      mount.source = try source(parts[0], text)
    } else if parts[0].hasPrefix("."), parts[0] == "." || parts[0] == ".." || parts[0].contains("/") {
      throw EngineError("invalid volume specification: '\(text)': the path of the host must be absolute", exitCode: 125)
    } else {
      mount.name = try name(parts[0])
    }
    if parts.count == 3 { try apply(parts[2], to: &mount, text) }
    return mount
  }

  /// `--mount type=bind|volume|tmpfs,source=…,target=…[,readonly][,tmpfs-size=…][,tmpfs-mode=…]`
  static func mount(_ text: String) throws(EngineError) -> RecordedMount {
    var mount = RecordedMount(), source = "", target = "", options: [String] = []
    mount.kind = .volume
    for field in text.split(separator: ",").map({ String($0) }) {
      let key = field.prefix { $0 != "=" }.lowercased(), value = String(field.drop { $0 != "=" }.dropFirst())
      switch key {
      case "type":
        guard let kind = RecordedMount.Kind(rawValue: value) else {
          throw EngineError("invalid argument \"\(text)\" for --mount: mount type unknown: \"\(value)\"", exitCode: 125)
        }
        mount.kind = kind
      case "source", "src": source = value
      case "target", "destination", "dst": target = value
      case "readonly", "ro": mount.isReadOnly = try flag(field, value, text)
      case "tmpfs-size": options.append("size=\(value)")
      case "tmpfs-mode": options.append("mode=\(value)")
      case "bind-propagation", "consistency", "volume-nocopy", "volume-driver": break
      default: throw EngineError("invalid argument \"\(text)\" for --mount: unexpected key '\(key)' in '\(field)'", exitCode: 125)
      }
    }
    guard !target.isEmpty else { throw EngineError("invalid argument \"\(text)\" for --mount: target is required", exitCode: 125) }
    mount.destination = try destination(target, text)
    switch mount.kind {
    case .bind:
      guard !source.isEmpty else { throw EngineError("invalid argument \"\(text)\" for --mount: source is required", exitCode: 125) }
      mount.source = try MountParsing.source(source, text)
      // Unlike -v this makes nothing on the host.
      guard exists(mount.source) else {
        throw EngineError("invalid mount config for type \"bind\": bind source path does not exist: \(source)", exitCode: 125)
      }
    case .volume: if source.isEmpty { mount.isAnonymous = true } else { mount.name = try name(source) }
    case .tmpfs:
      guard source.isEmpty else { throw EngineError("invalid argument \"\(text)\" for --mount: a tmpfs has no source", exitCode: 125) }
      mount.options = options.joined(separator: ",")
    }
    return mount
  }

  /// `--tmpfs destination[:options]`
  static func temporary(_ text: String) throws(EngineError) -> RecordedMount {
    let colon = text.firstIndex(of: ":") ?? text.endIndex
    var mount = RecordedMount()
    mount.kind = .tmpfs
    mount.destination = try destination(String(text[..<colon]), text)
    let options = text[colon...].dropFirst().split(separator: ",").map { String($0) }
    for option in options where !isTemporaryOption(option) {
      throw EngineError("invalid tmpfs option \"\(option)\" in '\(text)'", exitCode: 125)
    }
    mount.isReadOnly = options.contains("ro")
    mount.options = options.joined(separator: ",")
    return mount
  }

  /// `--volumes-from container[:ro|rw]`: all that the other container mounts, tmpfs excepted.
  static func volumes(from text: String, _ containers: ContainerStore) throws -> [RecordedMount] {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
    guard parts.count == 1 || ["ro", "rw", "z", "Z"].contains(parts[1]) else {
      throw EngineError("invalid mode for volumes-from: \(parts[1])", exitCode: 125)
    }
    return try containers.find(parts[0]).mounts.filter { $0.kind != .tmpfs }.map { mount in
      var mount = mount
      // Whose it was first removes it.
      mount.isAnonymous = false
      if parts.count == 2 && parts[1] == "ro" { mount.isReadOnly = true }
      return mount
    }
  }

  /// A clean absolute path in the container other than `/`. `..` is refused rather than resolved: what it means depends on links that are not
  /// known here.
  static func destination(_ path: String, _ text: String) throws(EngineError) -> String {
    guard path.hasPrefix("/") else {
      throw EngineError("invalid volume specification: '\(text)': invalid mount config: mount path must be absolute", exitCode: 125)
    }
    let parts = path.split(separator: "/").filter { $0 != "." }
    guard !parts.contains("..") else {
      throw EngineError("invalid volume specification: '\(text)': the destination must not contain ..", exitCode: 125)
    }
    guard !parts.isEmpty else {
      throw EngineError("invalid volume specification: '\(text)': destination can't be '/'", exitCode: 125)
    }
    return "/" + parts.joined(separator: "/")
  }

  private static func source(_ path: String, _ text: String) throws(EngineError) -> String {
    guard path.hasPrefix("/") else {
      throw EngineError("invalid volume specification: '\(text)': the path of the host must be absolute", exitCode: 125)
    }
    let parts = path.split(separator: "/").filter { $0 != "." }
    guard !parts.contains("..") else {
      throw EngineError("invalid volume specification: '\(text)': the path of the host must not contain ..", exitCode: 125)
    }
    return "/" + parts.joined(separator: "/")
  }

  private static func name(_ text: String) throws(EngineError) -> String {
    if VolumeStore.isName(text) { return text }
    throw VolumeStore.badName(text)
  }

  private static func apply(_ options: String, to mount: inout RecordedMount, _ text: String) throws(EngineError) {
    for option in options.split(separator: ",") {
      switch option {
      case "ro": mount.isReadOnly = true
      // Labels and propagation are accepted: this host has no SELinux labels to give, and mounts are private.
      case "rw", "z", "Z", "nocopy", "private", "rprivate", "cached", "delegated", "consistent": break
      default: throw EngineError("invalid mode: \(options): expected ro or rw in '\(text)'", exitCode: 125)
      }
    }
  }

  private static func flag(_ field: String, _ value: String, _ text: String) throws(EngineError) -> Bool {
    switch value {
    case "", "true", "1": return true
    case "false", "0": return false
    default: throw EngineError("invalid argument \"\(text)\" for --mount: invalid value for \(field): \(value)", exitCode: 125)
    }
  }

  private static func isTemporaryOption(_ option: String) -> Bool {
    let flags = ["ro", "rw", "nosuid", "suid", "nodev", "dev", "noexec", "exec", "noatime", "relatime", "sync", "async"]
    return flags.contains(option) || ["size=", "mode=", "uid=", "gid=", "nr_inodes=", "nr_blocks="].contains { option.hasPrefix($0) }
  }

  private static func exists(_ path: String) -> Bool { (try? FileIdentity(path: path)) != nil }
}
