internal import ArgumentParser
internal import CNI
internal import Glibc
internal import JSON
internal import Linux

/// `netctl cni add NETWORK`
struct CNIAddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Attaches a network namespace to a network, and prints the result.",
    discussion: """
      Without --netns a namespace is made, whose name in /run/netns is the container's ID; cni del removes it again.

      Examples:
        netctl cni add containers -p 8080:80
        netctl cni add ./10-lab.conflist --path ./plugins --netns lab --ifname net1 -v
      """)

  @Argument(help: "The network's name, or a file.") var network: String
  @OptionGroup var options: CNIOptions
  @OptionGroup var attachment: AttachmentOptions

  func run() throws {
    let list = try options.network(network)
    let container = try attachment.container ?? CNIAddCommand.newIdentifier()
    let path = attachment.netns.map { ViewOptions.path(ofNamespace: $0) } ?? "/run/netns/\(container)"
    let request = try attachment.request(container: container, path: path)
    if attachment.netns == nil { try NetworkNamespace.create(at: path) }
    do {
      let result = try options.runtime.add(list, request)
      Terminal.write("container \(container), namespace \(path)\n", to: STDERR_FILENO)
      Terminal.write(try result.json(version: list.version).indented() + "\n")
    } catch {
      if attachment.netns == nil { try? NetworkNamespace.removeName(path) }
      throw CNIFailure(error)
    }
  }

  private static func newIdentifier() throws -> String {
    let random = try FileSystem.read("/proc/sys/kernel/random/uuid").prefix(8)
    return "netctl-" + String(decoding: random, as: UTF8.self)
  }
}

/// `netctl cni del NETWORK`
struct CNIDeleteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "del", abstract: "Takes a container off a network.",
    discussion: "A namespace that cni add has made is removed too. What is not there any more is no error.",
    aliases: ["delete"])

  @Argument(help: "The network's name, or a file.") var network: String
  @OptionGroup var options: CNIOptions
  @OptionGroup var attachment: AttachmentOptions

  func run() throws {
    let list = try options.network(network), runtime = options.runtime
    let request = try attachment.known(in: list, runtime)
    do { try runtime.delete(list, request) } catch { throw CNIFailure(error) }
    if request.containerID.hasPrefix("netctl-"), request.networkNamespacePath == "/run/netns/\(request.containerID)" {
      try NetworkNamespace.removeName(request.networkNamespacePath)
    }
  }
}

/// `netctl cni check NETWORK`
struct CNICheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Asks the plugins whether an attachment is as they left it.")

  @Argument(help: "The network's name, or a file.") var network: String
  @OptionGroup var options: CNIOptions
  @OptionGroup var attachment: AttachmentOptions

  func run() throws {
    let list = try options.network(network), runtime = options.runtime
    do { try runtime.check(list, try attachment.known(in: list, runtime)) } catch { throw CNIFailure(error) }
  }
}

extension AttachmentOptions {
  /// The request as it was on ADD, with what the command line says instead.
  func known(in list: NetworkList, _ runtime: Runtime) throws -> AttachmentRequest {
    guard let container else { throw Problem("--container is needed: the ID that was given or shown on add", .usage) }
    let path = netns.map { ViewOptions.path(ofNamespace: $0) }
    let asked = try request(container: container, path: path ?? "")
    let cached = try runtime.cache.entry(of: Attachment(network: list.name, containerID: container, interfaceName: ifname))
    guard var request = cached?.request else { return asked }
    if let path { request.networkNamespacePath = path }
    if !asked.arguments.isEmpty { request.arguments = asked.arguments }
    if !asked.capabilityValues.members.isEmpty { request.capabilityValues = asked.capabilityValues }
    return request
  }
}
