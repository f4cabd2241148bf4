internal import CLinux

/// What makes a waiting supervisor begin: a `hello` with the claim on its container. Before, it holds nothing that a killed command could leave behind.
struct Greeting {
  /// What the command wants.
  let wishes: Frame.Wishes
  /// The descriptor of the claim; ours.
  let claim: Int32

  /// Describes one that is to be sent.
  init(_ wishes: Frame.Wishes, claim: Int32) {
    self.wishes = wishes
    self.claim = claim
  }

  /// Waits for one; nil if the command ends instead.
  init?(receivedFrom socket: Int32) {
    var bytes = [UInt8](repeating: 0, count: Frame.hello([]).bytes.count), claim: Int32 = -1
    guard clinux_receive_with_file(socket, &bytes, bytes.count, &claim) == bytes.count, claim >= 0,
      case .hello(let wishes)? = Frame(type: bytes[0], content: bytes[5...])
    else { return nil }
    self.init(wishes, claim: claim)
  }

  /// Sends it; a supervisor that is gone by now shows in the conversation.
  func send(to socket: Int32) {
    let bytes = Frame.hello(wishes).bytes
    clinux_send_with_file(socket, bytes, bytes.count, claim)
  }
}
