internal import ArgumentParser

/// `berth rmi`, docker's older word for `image rm`.
struct RemoveImagesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "rmi", abstract: "Remove one or more images")

  @OptionGroup var remove: ImageRemoveCommand

  func run() throws { try remove.run() }
}
