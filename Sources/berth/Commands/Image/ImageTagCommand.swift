internal import ArgumentParser
internal import Images

/// `berth image tag`
struct ImageTagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag", abstract: "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
    usage: "berth tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]")

  @Argument(help: "A name or an ID") var source: String
  @Argument(help: "The new name") var target: String

  func run() throws {
    let images = try LocalImages.open(), name = try ImageReference(target)
    try images.store.tag(source, as: name)
    images.log("tag", try images.store.image(named: source).id, name: name.tagged.description)
  }
}
