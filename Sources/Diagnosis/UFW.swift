import Addresses
import Glibc
import Rulesets

/// ufw(8), Ubuntu's and Debian's program for administrators. It keeps rules in /etc/ufw, and loads them into chains of iptables.
public enum UFW {
  /// Where Debian and Ubuntu install it.
  public static let path = "/usr/sbin/ufw"

  static var isInstalled: Bool { access(path, X_OK) == 0 }

  /// The command for a rule that accepts a packet, and by ufw's own rules the answers to it. `isFirst` puts it before rules that deny; an
  /// interface makes it another rule than one that denies the same, in place of which ufw would not put it.
  static func permission(for packet: Packet, hook: String, isFirst: Bool) -> String {
    let interface = hook == "input" ? packet.input.map { "in on \($0.name)" } : packet.output.map { "out on \($0.name)" }
    let direction = isFirst ? interface : hook == "output" ? "out" : nil
    // ufw knows ports of these two only, and no ICMP.
    let transport = TransportProtocol(number: packet.protocolNumber).flatMap { $0 == .sctp ? nil : $0.rawValue }
    let words: [String?] = [
      "ufw", hook == "forward" ? "route" : nil, isFirst ? "prepend" : nil, "allow", direction, transport.map { "proto \($0)" },
      "from any to \(packet.destination)", transport.map { _ in "port \(packet.destinationPort)" }, "comment '\(FirewallRemedy.comment)'",
    ]
    return words.compactMap { $0 }.joined(separator: " ")
  }

  /// The words of the commands that delete what `netctl allow` has added, from what `ufw show added` prints: the commands that add the rules.
  public static func deletions(_ added: String) -> [[String]] {
    let comment = " comment '\(FirewallRemedy.comment)'"
    return added.split(separator: "\n").filter { $0.hasPrefix("ufw ") && $0.hasSuffix(comment) }.map { line in
      var words = line.dropLast(comment.count).split(separator: " ").map(String.init)
      words.insert("delete", at: words.count > 1 && words[1] == "route" ? 2 : 1)
      return words
    }
  }
}
