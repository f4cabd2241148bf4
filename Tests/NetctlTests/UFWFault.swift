import TestSupport
import Testing

/// Something that a real ufw keeps from coming through, and the command that lets it through.
struct UFWFault: CustomTestStringConvertible, Sendable {
  let testDescription: String
  /// What is run as `ufw …` to make the fault.
  var rules: [String] = []
  var question = "lan 192.0.2.1:8080"
  var address = "TCP:192.0.2.1:8080"
  let fix: String

  static let all = [
    UFWFault(
      testDescription: "the policy for what is forwarded",
      fix: "ufw route allow proto tcp from any to 10.88.0.2 port 80 comment 'netctl allow'"),
    UFWFault(
      testDescription: "the policy, which refuses", rules: ["default reject routed"],
      fix: "ufw route allow proto tcp from any to 10.88.0.2 port 80 comment 'netctl allow'"),
    UFWFault(
      testDescription: "a rule that denies the very port", rules: ["route deny proto tcp from any to 10.88.0.2 port 80"],
      fix: "ufw route prepend allow out on cni0 proto tcp from any to 10.88.0.2 port 80 comment 'netctl allow'"),
    UFWFault(
      testDescription: "the policy for the host's own ports", question: "lan 192.0.2.1:9000", address: "TCP:192.0.2.1:9000",
      fix: "ufw allow proto tcp from any to 192.0.2.1 port 9000 comment 'netctl allow'"),
  ]
}
