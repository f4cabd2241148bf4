internal import ArgumentParser
internal import Engine
internal import Glibc
internal import Images

/// `berth cp`
struct CopyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cp", abstract: "Copy files/folders between a container and the local filesystem",
    usage: """
      berth cp [OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-
      berth cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH
      """)

  @Flag(name: [.short, .long], help: "Archive mode (copy all uid/gid information)") var archive = false
  @Flag(name: [.customShort("L"), .long], help: "Always follow symbol link in SRC_PATH") var followLink = false
  @Flag(name: [.short, .long], help: "Suppress progress output") var quiet = false
  @Argument(help: "What to copy; - reads a tar archive from the standard input") var source: String
  @Argument(help: "Where to; - writes a tar archive to the standard output") var destination: String

  /// One side of the copy.
  private enum Side {
    case container(String, path: String)
    case machine(String)

    /// As docker reads it: what is absolute or begins with a dot is never a container's.
    init(_ text: String) {
      let colon = text.firstIndex(of: ":")
      if let colon, !text.hasPrefix("/"), !text.hasPrefix(".") {
        self = .container(String(text[..<colon]), path: String(text[text.index(after: colon)...]))
      } else {
        self = .machine(text)
      }
    }
  }

  func run() throws {
    if source.isEmpty { throw EngineError("source can not be empty", exitCode: 125) }
    if destination.isEmpty { throw EngineError("destination can not be empty", exitCode: 125) }
    let options = CopyOptions((archive ? [.keepsOwners] : []) + (followLink ? [.followsLink] : []))
    switch (Side(source), Side(destination)) {
    case (.container(let name, let path), .machine(let target)):
      let root = try root(name)
      if target == "-" {
        if LocalTerminal.isTerminal(STDOUT_FILENO) {
          throw EngineError("cowardly refusing to copy to a terminal. Redirect the output", exitCode: 125)
        }
        return try root.copyOut(path, toArchive: STDOUT_FILENO, options: options)
      }
      tell(try root.copyOut(path, to: target, options: options), target)
    case (.machine(let source), .container(let name, let path)):
      let root = try root(name, writesTo: path)
      if source == "-" { return try root.copyIn(fromArchive: STDIN_FILENO, to: path) }
      tell(try root.copyIn(source, to: path, options: options), destination)
    case (.container, .container): throw EngineError("copying between containers is not supported", exitCode: 125)
    case (.machine, .machine): throw EngineError("must specify at least one container source", exitCode: 125)
    }
  }

  private func root(_ name: String, writesTo path: String? = nil) throws -> ContainerRoot {
    let store = try Invocation.store(), record = try store.find(name)
    if let path, record.options.isReadOnly {
      let words = "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
      guard record.mounts.contains(where: { words == $0.destination || words.hasPrefix("\($0.destination)/") }) else {
        throw EngineError("container rootfs is marked read-only")
      }
    }
    return try ContainerFiles(record: record, places: store.places).root()
  }

  /// As docker does, on the standard error and for people only.
  private func tell(_ bytes: Int64, _ target: String) {
    guard !quiet, LocalTerminal.isTerminal(STDOUT_FILENO) else { return }
    Output.message("Successfully copied \(ByteCount.decimal(UInt64(bytes))) to \(target)")
  }
}
