public import CNI
internal import Netlink

/// Something about an attachment that is not as it is to be.
public struct Difference: CustomStringConvertible {
  /// Whose it is; nil for what attachments share: bridges, the host's parameters, the table.
  public let attachment: Attachment?
  /// What is looked at: `address of eth0`.
  public let what: String
  /// What is to be there.
  public let intended: String
  /// What is there.
  public let actual: String
  /// How it can be put right.
  let remedy: Remedy
  /// Whether it is about something that attachments share: a bridge, the host's parameters.
  let isShared: Bool

  init(
    _ attachment: Attachment?, _ what: String, intended: String, actual: String = "missing", isShared: Bool = false, _ remedy: Remedy
  ) {
    self.isShared = isShared
    self.attachment = isShared ? nil : attachment
    self.what = what
    self.intended = intended
    self.actual = actual
    self.remedy = remedy
  }

  /// `address of eth0: intended 10.88.0.2/16, actual missing`
  public var description: String { "\(what): intended \(intended), actual \(actual)" }

  /// Why nothing here can put it right; nil if something can.
  public var obstacle: String? { if case .none(let reason) = remedy { reason } else { nil } }
}

/// What puts a difference right.
enum Remedy {
  /// When a request is made: each needs those before it.
  enum Step: Int {
    case bridge, port, interface, address, up, route
  }

  /// Nothing here, for this reason.
  case none(String)
  /// The host's table is restored.
  case rules
  /// A request to the kernel in the container's namespace.
  case inside(Step, NetlinkMessage)
  /// A request to the kernel on the host.
  case host(Step, NetlinkMessage)
  /// A parameter below `/proc/sys/net` is written.
  case parameter(path: String, value: String, isInside: Bool)
  /// The lease is written again.
  case lease(folder: String, address: String, content: [UInt8])
}
