import Addresses
public import Inspection
import Linux
import NFTables
import Routing
import Rulesets

/// An answer to a question: what was seen, and why it does not work.
public struct Diagnosis {
  /// How it ends.
  public enum Verdict: String, Sendable {
    /// It works.
    case reachable
    /// Why it does not.
    case cause
    /// It cannot be told.
    case unknown
  }

  /// How it ends.
  public let verdict: Verdict
  /// Why it does not work; nil unless it does not.
  public let cause: Cause?
  /// All that was looked at, in order.
  public let steps: [Step]
  /// What could not be seen, a sentence each.
  public let blindSpots: [String]
  /// Everything that is known.
  public let situation: Situation

  /// What is looked for, in the order of the packet's way. The first cause that is found counts.
  static var diagnosers: [any Diagnoser.Type] {
    [
      MissingInterface.self, BrokenIPv6.self, PortHeldByProcess.self, NotPublished.self, LinkDown.self, BridgePortBlocked.self,
      DuplicateAddress.self,
      WrongNeighbor.self, StaleConnection.self, FullConnectionTable.self, MissingForwarding.self, ReversePathFilter.self, WrongRoute.self,
      FirewallDrop.self, MissingHairpin.self, MissingOverlayPeer.self, PausedContainer.self, BoundElsewhere.self, NothingListening.self,
    ]
  }

  /// What spoils even a connection that comes about.
  static var spoilers: [any Diagnoser.Type] {
    [
      PortHeldByProcess.self, PausedContainer.self, DuplicateAddress.self, StaleConnection.self, TooLargeMTU.self,
    ]
  }

  /// Answers a question about a host.
  public init(_ question: Question, _ host: HostView) throws {
    let situation = try Resolution(question, host).situation()
    Walker(situation).walk()
    situation.probe = Prober(situation).probe()
    self.situation = situation
    // An attempt from elsewhere proves only a part of the way.
    let works = situation.originNamespace != nil && situation.probe?.isProof ?? false
    let looked = (works ? Diagnosis.spoilers : Diagnosis.diagnosers + [TooLargeMTU.self]).lazy.compactMap { $0.cause(situation) }
    cause = looked.first?.guarded(against: situation.unsafeNames)
    steps = Narration(situation).steps()
    blindSpots = situation.blindSpots
    if cause != nil {
      verdict = .cause
    } else {
      // Somebody outside cannot be imitated: then the walk and what could be tried from here must do.
      let isPredicted =
        situation.delivery?.obstacle == nil && situation.delivery != nil && situation.answers.allSatisfy { $0.obstacle == nil }
      let isProven = situation.originNamespace == nil ? situation.probe?.isProof ?? false : works
      verdict = works || isPredicted && (isProven || situation.probe == .silence) ? .reachable : .unknown
    }
  }
}
