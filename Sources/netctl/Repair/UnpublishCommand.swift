internal import ArgumentParser
internal import CNI
internal import Reconciliation

/// `netctl unpublish CONTAINER PORT…`
struct UnpublishCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpublish", abstract: "Takes published ports of a running container back.",
    discussion: """
      All of them at once or none. Without an address the port is taken back at whichever address it was published. Established TCP
      connections go on until they end.

      Examples:
        netctl unpublish web 8080
        netctl unpublish web 5000-5009/udp 127.0.0.1:8443
      """)

  @Argument(help: "Whose ports.") var container: String
  @Argument(help: ArgumentHelp("What to take back.", valueName: "[address:]host[/protocol]")) var ports: [String]
  @OptionGroup var options: ViewOptions

  func run() throws {
    try options.enterNamespace()
    let search = try AttachmentSearch(), publisher = PortPublisher(cache: search.cache)
    let selections = try ports.map { try PortWords.selection($0) }, entries = try search.attachments(of: container, orInterfaces: true)
    let changes = try PublishCommand.carryOut { try publisher.unpublish(selections, from: entries) }
    PublishCommand.report(changes.map { ("took back", $0) }, options)
  }
}
