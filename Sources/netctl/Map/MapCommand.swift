internal import ArgumentParser
internal import Glibc
internal import Inspection
internal import JSON

/// `netctl map`
struct MapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "map", abstract: "The picture: how this host and its containers are wired, and what hangs loose.",
    discussion: """
      Bridges, VLANs, VXLAN and WireGuard devices and the hosts they send to, other hosts of an overlay without a tunnel, veth pairs, containers with their addresses and published ports, and
      others' firewalls that drop what is forwarded. Marked with ! are wires without another end, namespaces without a process,
      attachments and reserved addresses without a container. The page that -o html makes is one file, in which one can search, point and
      filter.

      Examples:
        netctl map
        netctl map -o svg > network.svg
        netctl map -o html > network.html && xdg-open network.html
        netctl map -o dot | dot -Tpdf > network.pdf
      """)

  @OptionGroup var options: PictureOptions

  func run() throws {
    let host = try options.host()
    let audit = LeaseAudit(host, networks: LeaseAudit.defaultNetworks())
    let map = NetworkMap(host, title: MapCommand.hostName, leaks: audit.leaks)
    switch options.output ?? (options.json ? .json : .text) {
    case .json: Terminal.write(MapReport(map).json.indented() + "\n")
    case .dot: Terminal.write(MapGraph(map).text)
    case .svg: Terminal.write(MapDrawing(map).document)
    case .html: Terminal.write(MapPage(map).document)
    case .text:
      let terminal = options.terminal
      Terminal.write(MapTree(map, terminal).text)
      for problem in audit.problems { Terminal.write(terminal.styled("could not read: \(Terminal.plain(problem))\n", .yellow)) }
      if host.hiddenProcesses > 0 { Terminal.write(terminal.styled("\(PsCommand.hidden(host))\n", .yellow)) }
    }
  }

  /// This host's name.
  private static var hostName: String {
    var bytes = [CChar](repeating: 0, count: 256)
    return gethostname(&bytes, bytes.count - 1) == 0
      ? String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : "host"
  }
}
