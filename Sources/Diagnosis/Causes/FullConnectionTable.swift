/// There is no room for another tracked connection: the kernel drops what would be a new one.
enum FullConnectionTable: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    for hop in situation.hops {
      let facts = situation.facts(hop.namespace)
      guard let used = facts.setting("netfilter/nf_conntrack_count").flatMap({ Int($0) }),
        let limit = facts.setting("netfilter/nf_conntrack_max").flatMap({ Int($0) }), limit > 0, used >= limit
      else { continue }
      return Cause(
        "conntrack-full", "the table of tracked connections is full on \(situation.name(hop.namespace)): new ones are dropped",
        evidence: ["nf_conntrack_count \(used) of nf_conntrack_max \(limit)"], fix: "sysctl -w net.netfilter.nf_conntrack_max=\(limit * 2)",
        advice: "makes room for twice as many; find out who opens so many")
    }
    return nil
  }
}
