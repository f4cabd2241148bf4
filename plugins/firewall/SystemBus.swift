import CNI
import Linux

/// The system bus of D-Bus, as dbus-send(1) reaches it: every machine with a bus has that program, and few calls have to be made.
///
/// A library of D-Bus would have to be loaded by the dynamic loader, which a statically linked plugin does without.
struct SystemBus {
  /// A failed call: what was attempted and what the bus or the service said about it.
  struct Failure: Error, Equatable, CustomStringConvertible {
    let operation: String
    let message: String
    /// Whether there is no bus on this machine, rather than a call that was refused.
    let meansNoBus: Bool

    var description: String { "\(operation): \(message)" }
  }

  /// An object and one of its interfaces.
  struct Interface {
    let service: String
    let path: String
    let name: String
  }

  private static let program = "/usr/bin/dbus-send"
  private static let bus = Interface(service: "org.freedesktop.DBus", path: "/org/freedesktop/DBus", name: "org.freedesktop.DBus")

  /// Whether a process offers the service now.
  func has(_ service: String) throws(Failure) -> Bool { try call("NameHasOwner", [service], of: SystemBus.bus) }

  /// Calls a method with texts; answers the truth value that it answers, true for anything else. Waits for 25 s at the most.
  @discardableResult
  func call(_ method: String, _ texts: [String], of interface: Interface) throws(Failure) -> Bool {
    let operation = ([method] + texts).joined(separator: " ")
    let address = Environment.ofThisProcess()["DBUS_SYSTEM_BUS_ADDRESS"]
    let arguments = [
      SystemBus.program, "--system", "--print-reply=literal", "--reply-timeout=25000", "--dest=\(interface.service)", interface.path,
      "\(interface.name).\(method)",
    ]
    let child = ChildProcess(
      path: SystemBus.program, arguments: arguments + texts.map { "string:\($0)" },
      environment: address.isEmpty ? [] : ["DBUS_SYSTEM_BUS_ADDRESS=\(address)"])
    let outcome: ChildProcess.Outcome
    do { outcome = try child.run(input: [], capturingErrors: true) } catch {
      throw Failure(operation: operation, message: "\(error)", meansNoBus: error.code == .noEntry)
    }
    if outcome.status == 0 { return !String(decoding: outcome.output, as: UTF8.self).hasSuffix("boolean false\n") }
    throw Failure(operation: operation, errors: String(decoding: outcome.errors, as: UTF8.self))
  }
}

extension SystemBus.Failure {
  /// Reads what dbus-send says: `Error org.fedoraproject.FirewallD1.Exception: INVALID_ZONE: public2`, or that it found no bus.
  fileprivate init(operation: String, errors: String) {
    let line = String(errors.prefix { $0 != "\n" })
    let isAnswer = line.hasPrefix("Error ")
    self.operation = operation
    meansNoBus = !isAnswer && ["No such file or directory", "Connection refused"].contains { line.hasSuffix($0) }
    // The name of the error ends at the first colon; the sentence follows.
    let sentence = line.drop { $0 != ":" }.dropFirst().drop { $0 == " " }
    message = isAnswer && !sentence.isEmpty ? String(sentence) : line
  }
}
