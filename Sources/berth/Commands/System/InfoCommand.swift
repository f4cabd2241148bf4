internal import ArgumentParser
internal import Cgroups
internal import Engine
internal import Glibc
internal import Images
internal import JSON
internal import Linux

/// `berth info`
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "info", abstract: "Display system-wide information")

  @Option(name: [.short, .long], help: "Format the output: json or a template") var format: String?

  func run() throws {
    let store = try Invocation.store(), json = try InfoCommand.description(store)
    switch format {
    case nil: for member in json.members { Output.line("\(InfoCommand.title(member.name)): \(TemplateScope.print(member.value))") }
    case "json": Output.line(JSONValue.object(json).text)
    case let template?: Output.line(try Template(template).text(json))
    }
  }

  private static func description(_ store: ContainerStore) throws -> JSONObject {
    let records = try store.records(), places = store.places
    func count(_ states: [ContainerStatus.State]) -> JSONValue {
      .integer(Int64(records.filter { states.contains($0.status.state) }.count))
    }
    var machine = utsname()
    uname(&machine)
    return JSONObject([
      ("Containers", .integer(Int64(records.count))), ("ContainersRunning", count([.running, .restarting])),
      ("ContainersPaused", count([.paused])),
      ("ContainersStopped", count([.created, .exited, .dead])),
      ("Images", .integer(Int64(try ImageStore(root: places.root).images().count))),
      ("ServerVersion", .string(Version.text)), ("Driver", "overlay2"), ("LoggingDriver", "json-file"), ("CgroupDriver", "cgroupfs"),
      ("CgroupVersion", .string(try CgroupVersion.current()?.rawValue ?? "")), ("KernelVersion", .string(text(of: machine.release))),
      ("Architecture", .string(text(of: machine.machine))), ("OSType", "linux"),
      ("NCPU", .integer(Int64(sysconf(Int32(_SC_NPROCESSORS_ONLN))))),
      ("MemTotal", .integer(Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE))))),
      ("Name", .string(text(of: machine.nodename))),
      ("DockerRootDir", .string(places.root)), ("RunRoot", .string(places.run)), ("CNIPath", .string(places.plugins)),
      ("CNIConfiguration", .string(places.networks)), ("Rootless", .bool(geteuid() != 0)),
    ])
  }

  /// A heading in words: `Containers Running`.
  private static func title(_ name: String) -> String {
    var title = ""
    for (position, letter) in name.enumerated() {
      let previous = position == 0 ? " " : name[name.index(name.startIndex, offsetBy: position - 1)]
      title += (letter.isUppercase && previous.isLowercase ? " " : "") + String(letter)
    }
    return title
  }

  private static func text<Field>(of field: Field) -> String {
    withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
