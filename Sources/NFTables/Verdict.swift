import CLinux

/// What happens to a packet next.
public enum Verdict: Hashable, Sendable {
  /// The hook is passed; base chains that come later still see the packet.
  case accept
  /// The packet is gone.
  case drop
  /// On with the next rule.
  case `continue`
  /// Back to the rule after the jump; in a base chain, its policy.
  case `return`
  /// On with another chain, and back after its end.
  case jump(String)
  /// On with another chain, and after its end back to where this chain was called from.
  case goto(String)

  /// NF_ACCEPT, NFT_JUMP…
  var kernelNumber: Int32 {
    switch self {
    case .accept: NF_ACCEPT
    case .drop: NF_DROP
    case .continue: NFT_CONTINUE.rawValue
    case .return: NFT_RETURN.rawValue
    case .jump: NFT_JUMP.rawValue
    case .goto: NFT_GOTO.rawValue
    }
  }

  /// The chain to go to, if any.
  public var chain: String? {
    switch self {
    case .jump(let chain), .goto(let chain): chain
    default: nil
    }
  }

  init?(kernelNumber: Int32, chain: String?) {
    switch kernelNumber {
    case NF_ACCEPT: self = .accept
    case NF_DROP: self = .drop
    case NFT_CONTINUE.rawValue: self = .continue
    case NFT_RETURN.rawValue: self = .return
    case NFT_JUMP.rawValue: self = .jump(chain ?? "")
    case NFT_GOTO.rawValue: self = .goto(chain ?? "")
    default: return nil
    }
  }
}

extension Verdict: CustomStringConvertible {
  /// As nft(8) writes it: `jump publish`.
  public var description: String {
    switch self {
    case .accept: "accept"
    case .drop: "drop"
    case .continue: "continue"
    case .return: "return"
    case .jump(let chain): "jump \(chain)"
    case .goto(let chain): "goto \(chain)"
    }
  }
}
