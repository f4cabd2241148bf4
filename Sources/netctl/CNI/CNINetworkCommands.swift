internal import ArgumentParser
internal import CNI
internal import Glibc
internal import Linux

/// `netctl cni status NETWORK`
struct CNIStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Asks the plugins whether an add could succeed now.",
    discussion: "Also whether all of them are installed and speak the network's version.")

  @Argument(help: "The network's name, or a file.") var network: String
  @OptionGroup var options: CNIOptions

  func run() throws {
    let list = try options.network(network), runtime = options.runtime
    do {
      try runtime.validate(list)
      try runtime.status(list)
    } catch { throw CNIFailure(error) }
  }
}

/// `netctl cni gc NETWORK`
struct CNICollectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc", abstract: "Removes what belongs to attachments that are gone.",
    discussion: """
      Attachments on record whose namespace is still there stay; --keep names others. Everything else of the network goes, so this is
      for networks whose runtime uses the result cache, as podman, containerd, CRI-O and berth do.
      """)

  @Argument(help: "The network's name, or a file.") var network: String
  @OptionGroup var options: CNIOptions
  @Option(name: .long, help: ArgumentHelp("An attachment to keep; may be repeated.", valueName: "container/ifname")) var keep: [String] = []

  func run() throws {
    let list = try options.network(network), runtime = options.runtime
    var valid: Set<Attachment> = []
    for word in keep {
      let parts = word.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
      guard parts.count == 2 else { throw Problem("--keep: expected container/ifname, got \(Terminal.plain(word))", .usage) }
      valid.insert(Attachment(network: list.name, containerID: parts[0], interfaceName: parts[1]))
    }
    for entry in try runtime.cache.entries(of: list.name) {
      if (try? NetworkNamespace(path: entry.request.networkNamespacePath)) != nil { valid.insert(entry.attachment) }
    }
    Terminal.write("keeping \(Quantity.count(valid.count, "attachment", "attachments"))\n", to: STDERR_FILENO)
    do { try runtime.collectGarbage(list, keeping: valid) } catch { throw CNIFailure(error) }
  }
}

/// `netctl cni version NETWORK`
struct CNIVersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Shows which versions of the specification the network's plugins speak.")

  @Argument(help: "The network's name, or a file.") var network: String
  @OptionGroup var options: CNIOptions

  func run() throws {
    let list = try options.network(network), runtime = options.runtime
    var table = TextTable([.init("PLUGIN"), .init("FILE"), .init("VERSIONS"), .init("SPEAKS \(list.version)")])
    var allSpeak = true
    for plugin in list.plugins {
      do {
        let versions = try runtime.versions(of: plugin.type), speaks = versions.contains(list.version.description)
        allSpeak = allSpeak && speaks
        table.add([plugin.type, runtime.pluginPath.find(plugin.type) ?? "", versions.joined(separator: " "), speaks ? "yes" : "no"])
      } catch {
        allSpeak = false
        table.add([plugin.type, runtime.pluginPath.find(plugin.type) ?? "not found", "\(error)", "no"])
      }
    }
    Terminal.write(table.text(options.terminal))
    if !allSpeak { throw Verdict.finding }
  }
}
