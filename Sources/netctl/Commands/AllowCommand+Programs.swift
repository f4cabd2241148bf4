internal import Diagnosis
internal import Glibc
internal import Linux

/// Rules that programs keep in files of their own are theirs to remove: from the kernel alone they would come back with the next reload.
extension AllowCommand {
  /// Removes the rules that ufw keeps for us, prints each, and answers how many there were.
  func removeFromUFW() throws -> Int {
    guard access(UFW.path, X_OK) == 0, geteuid() == 0 else { return 0 }
    let added = try run(["ufw", "show", "added"])
    guard added.status == 0 else { throw Problem("ufw show added ended with status \(added.status)") }
    let deletions = UFW.deletions(added.text)
    for words in deletions {
      let line = words.joined(separator: " ")
      guard try run(words).status == 0 else { throw Problem("\(Terminal.plain(line)) did not work") }
      Terminal.write("removed from ufw: \(Terminal.plain(line))\n")
    }
    return deletions.count
  }

  /// Deletes our policies of firewalld, prints each of their rules, and answers how many there were. Without a reload, which would forget what
  /// others have set for the time being.
  func removeFromFirewalld() throws -> Int {
    var count = 0
    for policy in Firewalld.policies.map(\.name) where FileSystem.exists("/etc/firewalld/policies/\(policy).xml") {
      let rules = try run(["firewall-cmd", "--permanent", "--policy", policy, "--list-rich-rules"])
      guard rules.status == 0 else { throw Problem("policy \(policy) of firewalld stays: is firewalld running?") }
      let current = try run(["firewall-cmd", "--policy", policy, "--list-rich-rules"])
      for rule in current.status == 0 ? current.text.split(separator: "\n") : [] {
        _ = try run(["firewall-cmd", "-q", "--policy", policy, "--remove-rich-rule", String(rule)])
      }
      guard try run(["firewall-cmd", "-q", "--permanent", "--delete-policy", policy]).status == 0 else {
        throw Problem("policy \(policy) of firewalld cannot be deleted")
      }
      for rule in rules.text.split(separator: "\n") {
        Terminal.write("removed from firewalld's policy \(policy): \(Terminal.plain(String(rule)))\n")
        count += 1
      }
    }
    return count
  }

  /// Runs a program that is found in PATH, without a shell.
  private func run(_ words: [String]) throws -> (status: Int32, text: String) {
    let outcome = try ChildProcess(path: "/usr/bin/env", arguments: ["env"] + words, environment: AllowCommand.environment)
      .run(input: [])
    return (outcome.status, String(decoding: outcome.output, as: UTF8.self))
  }
}
