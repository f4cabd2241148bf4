internal import Glibc
internal import Linux

extension PluginProcess {
  /// Runs the plugin by whose name the executable was called on the process's own environment and standard input, and ends the process.
  public func main() -> Never {
    let outcome: Outcome
    do {
      try ThisProcess.openStandardDescriptors()
      let name = CommandLine.arguments.first?.split(separator: "/").last.map { String($0) } ?? ""
      if let plugin = self[name] {
        outcome = run(
          plugin, environment: .ofThisProcess(), input: PluginProcess.standardInput, end: { PluginProcess.end($0) })
      } else {
        outcome = usage(name, options: CommandLine.arguments.dropFirst(), command: Environment.ofThisProcess()["CNI_COMMAND"])
      }
    } catch { outcome = Outcome(CNIError(error), version: .current) }
    PluginProcess.end(outcome)
  }

  /// Says what there is to say, and ends the process.
  private static func end(_ outcome: Outcome) -> Never {
    var exitCode = outcome.exitCode
    do {
      try PluginProcess.write(outcome.message, to: STDERR_FILENO)
      try PluginProcess.write(outcome.output, to: STDOUT_FILENO)
    } catch {
      Log.warning("\(error)")
      exitCode = 1
    }
    // Nothing is buffered and nobody waits for us in the C library, so its exit handlers have nothing to do.
    _exit(exitCode)
  }

  /// What is said when the executable is called by a name that no plugin has.
  func usage(_ name: String, options: some Collection<String>, command: String) -> Outcome {
    let types = plugins.map { $0.type }.joined(separator: ", ")
    if !command.isEmpty {
      let error = CNIError(.other, "no plugin is called \"\(name)\"", details: "plugins in this executable: \(types)")
      return Outcome(error, version: .current)
    }
    if options.contains("--version") { return Outcome(message: "cni-plugins v\(PluginProcess.version)\n") }
    return Outcome(
      message: """
        cni-plugins v\(PluginProcess.version): CNI plugins for Linux in one executable
        A container runtime calls it by a plugin's name: make a hard link for each of
        \(types)

        """, exitCode: options.isEmpty || options.contains("--help") ? 0 : 2)
  }

  private static func standardInput() throws -> [UInt8] {
    // The descriptor is given back, because closing standard input is not ours to do.
    let file = OwnedFile(adopting: STDIN_FILENO)
    do {
      let text = try file.readToEnd(limit: inputLimit)
      _ = file.release()
      return text
    } catch {
      _ = file.release()
      guard error.code.rawValue == EFBIG else { throw error }
      throw CNIError(.decoding, "error unmarshall network config: longer than \(inputLimit) bytes")
    }
  }

  private static func write(_ text: String, to descriptor: Int32) throws(SystemError) {
    if text.isEmpty { return }
    let file = OwnedFile(adopting: descriptor)
    do { try file.write(Array(text.utf8)) } catch {
      _ = file.release()
      throw error
    }
    _ = file.release()
  }
}
