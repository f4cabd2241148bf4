import CDBus

/// A connection to the system bus of D-Bus. Nothing of D-Bus is loaded before there is one.
@safe struct SystemBus: ~Copyable {
  /// A failed call: what was attempted, the name of the D-Bus error and its sentence.
  struct Failure: Error, Equatable, CustomStringConvertible {
    let operation: String
    /// `org.freedesktop.DBus.Error.FileNotFound`…
    let name: String
    let message: String

    /// Whether there is no bus on this machine, rather than a bus that cannot be reached.
    var meansNoBus: Bool {
      ["FileNotFound", "NoServer", "NotSupported"].contains { name == "org.freedesktop.DBus.Error.\($0)" }
    }

    var description: String { "\(operation): \(message)" }
  }

  /// An object and one of its interfaces.
  struct Interface {
    let service: String
    let path: String
    let name: String
  }

  private let connection: OpaquePointer

  /// Connects, at DBUS_SYSTEM_BUS_ADDRESS or the usual place.
  init() throws(Failure) {
    var failure = cdbus_failure()
    guard let connection = unsafe cdbus_open_system(&failure) else { throw Failure("connect to the system bus", failure) }
    unsafe self.connection = unsafe connection
  }

  deinit { unsafe cdbus_close(connection) }

  /// Whether a process offers the service now.
  func has(_ service: String) throws(Failure) -> Bool {
    var failure = cdbus_failure()
    let answer = unsafe cdbus_has_owner(connection, service, &failure)
    if answer < 0 { throw Failure("ask for \(service)", failure) }
    return answer == 1
  }

  /// Calls a method with two texts; answers the truth value that it answers, true for anything else. Waits up to libdbus's 25 s.
  @discardableResult
  func call(_ method: String, _ first: String, _ second: String, of interface: Interface) throws(Failure) -> Bool {
    var failure = cdbus_failure()
    // The texts live as long as the call lasts.
    let answer = unsafe interface.service.withCString { (service) -> Int32 in
      unsafe interface.path.withCString { (path) -> Int32 in
        unsafe interface.name.withCString { (name) -> Int32 in
          unsafe method.withCString { (method) -> Int32 in
            var described = unsafe cdbus_method(service: service, path: path, interface: name, name: method)
            return unsafe cdbus_call(connection, &described, first, second, &failure)
          }
        }
      }
    }
    if answer < 0 { throw Failure("\(method) \(first) \(second)", failure) }
    return answer == 1
  }
}

extension SystemBus.Failure {
  fileprivate init(_ operation: String, _ failure: cdbus_failure) {
    self.operation = operation
    // Both texts end with a zero inside their arrays.
    name = unsafe withUnsafeBytes(of: failure.name) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    message = unsafe withUnsafeBytes(of: failure.message) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
