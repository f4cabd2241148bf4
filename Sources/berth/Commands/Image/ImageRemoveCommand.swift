internal import ArgumentParser
internal import Engine
internal import Images

/// `berth image rm`
struct ImageRemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "rm", abstract: "Remove one or more images", aliases: ["remove"])

  @Flag(name: [.short, .long], help: "Force removal of the image") var force = false
  @Flag(help: "Do not delete untagged parents; berth keeps none") var noPrune = false
  @Argument(help: "Names or IDs") var names: [String]

  func run() throws {
    let images = try LocalImages.open()
    var failed = false
    for name in names {
      do {
        let id = try? images.store.image(named: name).id
        for change in try images.store.remove(name, isForced: force, users: images.users) {
          Output.line(change.description)
          switch change {
          case .untagged(let name): images.log("untag", id ?? name, name: name)
          case .deleted(let gone) where gone == id: images.log("delete", gone)
          default: break
          }
        }
      } catch {
        Output.message("Error: \(error)")
        // As docker has it, who asks by force does not mind if it is gone already.
        if !force || (error as? ImageError)?.kind != .unknownImage { failed = true }
      }
    }
    if failed { throw ExitCode(1) }
  }
}
