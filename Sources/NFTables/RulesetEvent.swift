import CLinux
import Netlink

/// A change of somebody's to the ruleset, as the kernel tells it after the commit: NFNLGRP_NFTABLES.
public enum RulesetEvent: Hashable, Sendable {
  /// What was changed.
  public enum Subject: Int32, Hashable, Sendable {
    case table, chain, rule, set, element
  }

  /// Something was added, or changed, in this table.
  case added(Subject, family: UInt8, table: String)
  /// Something was removed from this table, or the table itself.
  case removed(Subject, family: UInt8, table: String)
  /// Everything told since the last one was one transaction, of this process.
  case committed(generation: UInt32, process: UInt32, name: String)

  /// The number of the group that tells them.
  public static var group: UInt32 { UInt32(NFNLGRP_NFTABLES.rawValue) }

  /// Reads a message; nil for other changes.
  public init?(type: UInt16, _ payload: RawSpan) {
    guard type >> 8 == UInt16(NFNL_SUBSYS_NFTABLES), let family = payload.load(UInt8.self) else { return nil }
    let number = UInt32(type & 0xFF)
    if number == NFT_MSG_NEWGEN.rawValue {
      var generation: UInt32 = 0, process: UInt32 = 0, name = ""
      payload.forEachAttribute(after: Ruleset.headerSize) { attribute, content in
        switch attribute {
        case Int(NFTA_GEN_ID.rawValue): generation = content.load(UInt32.self)?.byteSwapped ?? 0
        case Int(NFTA_GEN_PROC_PID.rawValue): process = content.load(UInt32.self)?.byteSwapped ?? 0
        case Int(NFTA_GEN_PROC_NAME.rawValue): name = content.text
        default: break
        }
      }
      self = .committed(generation: generation, process: process, name: name)
      return
    }
    // The first attribute of every kind of object is its table's name.
    var table = ""
    payload.forEachAttribute(after: Ruleset.headerSize) { attribute, content in if attribute == 1 { table = content.text } }
    let kinds: [(nf_tables_msg_types, nf_tables_msg_types, Subject)] = [
      (NFT_MSG_NEWTABLE, NFT_MSG_DELTABLE, .table), (NFT_MSG_NEWCHAIN, NFT_MSG_DELCHAIN, .chain), (NFT_MSG_NEWRULE, NFT_MSG_DELRULE, .rule),
      (NFT_MSG_NEWSET, NFT_MSG_DELSET, .set), (NFT_MSG_NEWSETELEM, NFT_MSG_DELSETELEM, .element),
    ]
    for (new, deleted, subject) in kinds {
      if number == new.rawValue {
        self = .added(subject, family: family, table: table)
        return
      }
      if number == deleted.rawValue {
        self = .removed(subject, family: family, table: table)
        return
      }
    }
    return nil
  }
}
