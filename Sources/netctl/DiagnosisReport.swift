internal import Diagnosis
internal import Glibc
internal import Inspection
internal import JSON

/// A diagnosis in words and as JSON.
struct DiagnosisReport {
  private let diagnosis: Diagnosis
  private let host: HostView

  init(_ diagnosis: Diagnosis, _ host: HostView) {
    self.diagnosis = diagnosis
    self.host = host
  }

  /// One aligned line for each step, then the cause, the evidence and the fix.
  func text(_ terminal: Terminal) -> String {
    let steps = diagnosis.steps.map { (place: Terminal.plain($0.place), step: $0) }
    let places = steps.map(\.place.count).max() ?? 0, subjects = steps.map(\.step.subject.count).max() ?? 0
    var text = ""
    for (place, step) in steps {
      let sign: String
      switch step.mark {
      case .fine: sign = terminal.styled("✓", .green)
      case .neutral: sign = " "
      case .bad: sign = terminal.styled("✗", .red)
      case .unknown: sign = terminal.styled("?", .yellow)
      }
      text += "\(sign) \(pad(place, places))  \(pad(step.subject, subjects))  \(Terminal.plain(step.text))\n"
    }
    for line in blindSpots { text += terminal.styled("? not seen: \(Terminal.plain(line))", .yellow) + "\n" }
    text += "\n"
    switch diagnosis.verdict {
    case .reachable: text += "\(terminal.styled("reachable", .green)): \(proof)\n"
    case .unknown: text += "\(terminal.styled("cannot tell", .yellow)): nothing that is known is in its way, and it was not seen to work\n"
    case .cause: break
    }
    guard let cause = diagnosis.cause else { return text }
    text += "cause     \(terminal.styled(Terminal.plain(cause.sentence), .red))\n"
    for (position, line) in cause.evidence.enumerated() { text += "\(position == 0 ? "evidence" : "        ")  \(Terminal.plain(line))\n" }
    if let fix = cause.fix {
      let commands = fix.split(separator: "&&").map { Terminal.plain(String($0)).trimmed }
      text +=
        "fix       \(commands.map { terminal.styled($0, .bold) }.joined(separator: " &&\n          "))\n          \(Terminal.plain(cause.advice))\n"
    } else {
      text += "fix       \(Terminal.plain(cause.advice))\n"
    }
    return text
  }

  private var proof: String {
    if diagnosis.situation.originNamespace == nil { return "nothing is in the way from the LAN, and the container answered the host" }
    return diagnosis.situation.probe?.isProof == true ? "it was tried" : "nothing is in the way; UDP gives no more proof without an answer"
  }

  private var blindSpots: [String] {
    diagnosis.blindSpots + host.problems
      + (host.hiddenProcesses > 0 && geteuid() != 0
        ? ["\(Quantity.count(host.hiddenProcesses, "process", "processes")) of other users"] : [])
  }

  private func pad(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }

  /// As docs/netctl.md describes it.
  var json: JSONValue {
    let cause: JSONValue =
      diagnosis.cause.map { cause in
        [
          "kind": .string(cause.kind), "sentence": .string(cause.sentence), "evidence": .array(cause.evidence.map { .string($0) }),
          "fix": cause.fix.map { .string($0) } ?? .null, "advice": .string(cause.advice),
        ]
      } ?? .null
    let steps = diagnosis.steps.map { step -> JSONValue in
      ["place": .string(step.place), "subject": .string(step.subject), "text": .string(step.text), "mark": .string(step.mark.rawValue)]
    }
    return [
      "verdict": .string(diagnosis.verdict.rawValue), "cause": cause, "steps": .array(steps),
      "probed": .bool(diagnosis.situation.originNamespace != nil && diagnosis.situation.probe?.isProof == true),
      "not_seen": .array(blindSpots.map { .string($0) }),
    ]
  }
}

extension String {
  /// Without blanks at either end.
  fileprivate var trimmed: String { String(drop(while: { $0 == " " }).reversed().drop(while: { $0 == " " }).reversed()) }
}
