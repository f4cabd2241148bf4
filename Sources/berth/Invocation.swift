internal import ArgumentParser
internal import Engine
internal import Glibc
internal import Linux
internal import Wording

/// This run of the program: the options before the sub-command, and the rest.
struct Invocation: Sendable {
  /// The one and only.
  static let current = Invocation(
    Array(CommandLine.arguments.dropFirst()), environment: { name in getenv(name).map { String(cString: $0) } })

  /// Where everything is.
  let places: Places
  /// What follows the options of berth itself: the sub-command and its words.
  let words: [String]
  /// What was wrong with the options.
  let mistake: String?

  private static let options = ["--root", "--run-root", "--cni-path", "--cni-conf"]

  init(_ arguments: [String], environment: (String) -> String?) {
    var values: [String: String] = [:], rest = arguments[...], mistake: String?
    while let word = rest.first, let option = Self.options.first(where: { word == $0 || word.hasPrefix("\($0)=") }) {
      rest = rest.dropFirst()
      if word != option {
        values[option] = String(word.dropFirst(option.count + 1))
      } else if let value = rest.popFirst() {
        values[option] = value
      } else {
        mistake = "flag needs an argument: \(option)"
      }
    }
    places = Places(
      root: Self.absolute(values["--root"] ?? environment("BERTH_ROOT") ?? Self.usualRoot(environment)),
      run: Self.absolute(values["--run-root"] ?? environment("BERTH_RUN") ?? Self.usualRun(environment)),
      plugins: values["--cni-path"] ?? environment("CNI_PATH") ?? Self.pluginFolder(),
      networks: Self.absolute(values["--cni-conf"] ?? environment("BERTH_CNI_CONF") ?? "/etc/cni/net.d"))
    words = Array(rest)
    self.mistake = mistake
  }

  /// The containers, after everything that somebody's death or a boot has left was brought back in order.
  static func store() throws -> ContainerStore {
    let store = ContainerStore(current.places)
    try ContainerUpkeep(store).run()
    return store
  }

  /// Carries the command out and answers the exit code.
  static func run() -> Int32 {
    let words = current.words
    if let mistake = current.mistake { return fail(mistake, 125) }
    if let first = words.first, !first.hasPrefix("-"), first != "help", Berth.subcommand(named: first) == nil {
      let names = Berth.subcommands.compactMap { $0.configuration.commandName }
      return fail("'\(first)' is not a berth command\(NearMatches.sentence(for: first, among: names))\nSee 'berth --help'", 1)
    }
    // As docker has it, 1 could be the program's own.
    let failure: Int32 = ["run", "create"].contains(words.first) ? 125 : 1
    do {
      var command = try parse(words)
      do {
        try command.run()
        return 0
      } catch let status as ExitCode {
        return status.rawValue
      } catch let error as EngineError {
        return fail(error.description, error.exitCode == 1 ? failure : error.exitCode)
      } catch  where !(error is ValidationError) && Berth.exitCode(for: error) == .failure {
        return fail("\(error)", failure)
      }
    } catch {
      // Help and version are asked for by errors too.
      let succeeds = Berth.exitCode(for: error) == .success, text = Berth.fullMessage(for: error)
      succeeds ? Output.line(text) : Output.message(text)
      return succeeds ? 0 : 125
    }
  }

  /// Parses with the one sub-command alone, as that is faster; a mistake or a call for help is worded with the whole tree of commands.
  private static func parse(_ words: [String]) throws -> any ParsableCommand {
    if let first = words.first, let type = Berth.subcommand(named: first), type.configuration.subcommands.isEmpty,
      let command = try? type.parse(Array(words.dropFirst()))
    {
      return command
    }
    return try Berth.parseAsRoot(words)
  }

  static func fail(_ message: String, _ code: Int32) -> Int32 {
    Output.message("Error: \(message)")
    return code
  }

  /// The folder of images, volumes and containers: an ordinary user's are in his home.
  private static func usualRoot(_ environment: (String) -> String?) -> String {
    if access("/var/lib", W_OK) == 0 { return "/var/lib/berth" }
    if let folder = environment("XDG_DATA_HOME"), folder.hasPrefix("/") { return "\(folder)/berth" }
    return environment("HOME").map { "\($0)/.local/share/berth" } ?? "/var/lib/berth"
  }

  /// The folder of what ends with a boot.
  private static func usualRun(_ environment: (String) -> String?) -> String {
    if access("/run", W_OK) == 0 { return "/run/berth" }
    if let folder = environment("XDG_RUNTIME_DIR"), folder.hasPrefix("/") { return "\(folder)/berth" }
    return "\(usualRoot(environment))/run"
  }

  /// The folder of this executable if the plugins lie there, else the usual one.
  private static func pluginFolder() -> String {
    if let path = try? FileSystem.target(ofLink: "/proc/self/exe") {
      let folder = FileSystem.folder(of: path)
      if access("\(folder)/host-local", X_OK) == 0 { return folder }
    }
    return "/opt/cni/bin"
  }

  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return "\(String(cString: folder))/\(path)"
  }
}
