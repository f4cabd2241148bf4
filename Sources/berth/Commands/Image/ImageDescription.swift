internal import Engine
internal import Images
internal import JSON

/// An image as docker's `image inspect` describes it.
struct ImageDescription {
  let image: Image
  let store: ImageStore

  /// The whole description.
  var json: JSONObject {
    get throws {
      let file = image.file, configuration = configuration, size = try store.size(of: image)
      var object = JSONObject([
        ("Id", .string(image.id)), ("RepoTags", ContainerDescription.list(image.names)),
        ("RepoDigests", ContainerDescription.list(image.digests)), ("Parent", ""), ("Comment", .string(comment)),
        ("Created", .string(image.created)), ("DockerVersion", ""), ("Author", file["author"] ?? ""), ("Config", .object(configuration)),
        ("Architecture", file["architecture"] ?? ""), ("Os", file["os"] ?? ""), ("Size", .integer(size)),
        ("GraphDriver", .object(JSONObject([("Data", .object(layers)), ("Name", "overlay2")]))),
        ("RootFS", .object(JSONObject([("Type", "layers"), ("Layers", ContainerDescription.list(image.layerDigests))]))),
        ("Metadata", .object(JSONObject([("LastTagTime", .string(Timestamp.never))]))),
      ])
      if let variant = file["variant"] { object["Variant"] = variant }
      return object
    }
  }

  /// The last word about its making.
  private var comment: String {
    guard case .array(let history)? = image.file["history"], case .object(let last)? = history.last,
      case .string(let comment)? = last["comment"]
    else { return "" }
    return comment
  }

  private var layers: JSONObject {
    JSONObject([
      ("LowerDir", .string(image.layerFolders.dropFirst().joined(separator: ":"))), ("UpperDir", .string(image.layerFolders.first ?? "")),
    ])
  }

  private var configuration: JSONObject {
    let says = image.configuration
    var object = JSONObject([
      ("Hostname", ""), ("Domainname", ""), ("User", .string(says.user)), ("AttachStdin", false), ("AttachStdout", false),
      ("AttachStderr", false), ("ExposedPorts", ContainerDescription.set(says.exposedPorts)), ("Tty", false), ("OpenStdin", false),
      ("StdinOnce", false), ("Env", ContainerDescription.list(says.environment)),
      ("Cmd", says.command.isEmpty ? .null : ContainerDescription.list(says.command)), ("Image", ""),
      ("Volumes", says.volumes.isEmpty ? .null : ContainerDescription.set(says.volumes)), ("WorkingDir", .string(says.workingFolder)),
      ("Entrypoint", says.entrypoint.isEmpty ? .null : ContainerDescription.list(says.entrypoint)), ("OnBuild", .null),
      ("Labels", says.labels.isEmpty ? .null : ContainerDescription.map(says.labels)),
    ])
    if !says.stopSignal.isEmpty { object["StopSignal"] = .string(says.stopSignal) }
    if !says.shell.isEmpty { object["Shell"] = ContainerDescription.list(says.shell) }
    if let check = says.healthcheck { object["Healthcheck"] = .object(check.json) }
    return object
  }
}
