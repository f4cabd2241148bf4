internal import ArgumentParser

/// `berth images`, docker's older word for `image ls`.
struct ImagesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "images", abstract: "List images")

  @OptionGroup var list: ImageListCommand

  func run() throws { try list.run() }
}
