import Addresses
import CNI
import JSON
import Routing

/// What an interface was like before ADD changed it, and which interface that was.
///
/// The text is the reference's: `{"mac": …, "promisc": …, "mtu": …, "allmulti": …, "txQLen": …}`. What else we need to know stands under a key
/// that the reference skips; it is missing in files of the reference's.
struct SavedSettings: Equatable {
  /// An interface, told apart from any other one that had its name or its number.
  struct Identity: Equatable {
    /// The kernel's number of the network namespace; nil before Linux 5.14.
    let namespace: UInt64?
    /// The interface's number in it.
    let index: Int32
  }

  /// The properties that ADD has changed, with their previous values.
  var settings: LinkSettings
  /// Whose interface it is; nil if the file does not say.
  var attachment: Attachment?
  /// Which interface it is; nil if the file does not say.
  var identity: Identity?

  private static let ownKey = "swift-cni"

  /// Remembers what `link` is like as far as `wanted` would change it.
  init(_ link: Link, _ identity: Identity, of attachment: Attachment, asFarAsIn wanted: LinkSettings) {
    settings = LinkSettings(of: link, asFarAsIn: wanted)
    self.attachment = attachment
    self.identity = identity
  }

  /// Reads a file's content; throws if it is not what somebody has saved.
  init(parsing text: [UInt8]) throws {
    guard case .object(let members) = try JSONValue(parsing: text) else { throw CNIError(.decoding, "expected an object") }
    let object = ConfigurationObject(members)
    settings = try LinkSettings(object)
    guard let own = try object.object(SavedSettings.ownKey) else { return }
    attachment = try own.string("attachment").flatMap { Attachment($0) }
    if let index = try own.integer("ifindex", in: 1...Int(Int32.max)) {
      identity = Identity(namespace: try own.integer("netnsCookie", in: 0...Int.max).map { UInt64($0) }, index: Int32(index))
    }
  }

  /// The file's content.
  var text: String {
    var own = JSONObject()
    own["attachment"] = attachment.map { .string($0.description) }
    own["netnsCookie"] = identity?.namespace.map { .integer(Int64($0)) }
    own["ifindex"] = identity.map { .integer(Int64($0.index)) }
    var object = settings.json
    object[SavedSettings.ownKey] = .object(own)
    return JSONValue.object(object).text + "\n"
  }

  /// Whether they were saved from this interface, as far as the file says.
  func describes(_ interface: Identity) -> Bool { identity == nil || identity == interface }
}
