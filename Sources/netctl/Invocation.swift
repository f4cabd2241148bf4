internal import ArgumentParser
internal import Glibc
internal import Wording

/// This run of the program.
enum Invocation {
  /// Carries the command out and answers the exit status.
  static func run() -> Int32 {
    let words = Array(CommandLine.arguments.dropFirst())
    if let first = words.first, !first.hasPrefix("-"), first != "help" {
      let names = Netctl.configuration.subcommands.compactMap { $0.configuration.commandName }
      if !names.contains(first) {
        return complain(
          "\(Terminal.plain(first)) is no command of netctl\(NearMatches.sentence(for: first, among: names)); see netctl --help", .usage)
      }
    }
    do {
      var command = try Netctl.parseAsRoot(words)
      do {
        try command.run()
        return Verdict.fine.rawValue
      } catch let verdict as Verdict {
        return verdict.rawValue
      } catch let problem as Problem {
        return complain(problem.description, problem.verdict)
      } catch  where !(error is ValidationError) && Netctl.exitCode(for: error) == .failure {
        return complain("\(error)", .unknown)
      }
    } catch {
      // Help and version are asked for by errors too.
      let succeeds = Netctl.exitCode(for: error) == .success, text = Netctl.fullMessage(for: error)
      Terminal.write(text + "\n", to: succeeds ? STDOUT_FILENO : STDERR_FILENO)
      return succeeds ? Verdict.fine.rawValue : Verdict.usage.rawValue
    }
  }

  private static func complain(_ message: String, _ verdict: Verdict) -> Int32 {
    Terminal.write("netctl: \(message)\n", to: STDERR_FILENO)
    return verdict.rawValue
  }
}
