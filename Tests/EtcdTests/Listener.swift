import OverlayControl
import TestSupport

/// Hears what a store reports, in order.
final class Listener {
  private var iterator: AsyncStream<StoreEvent>.Iterator
  /// All that was reported until now.
  private(set) var heard: [StoreEvent] = []

  /// Begins to listen.
  init(_ store: some LeaseStore) { iterator = store.events().makeAsyncIterator() }

  /// Waits for the next event that is meant; the test's time limit ends the wait.
  @discardableResult
  func wait(for isMeant: (StoreEvent) -> Bool) async throws -> StoreEvent {
    while let event = await iterator.next() {
      heard.append(event)
      if isMeant(event) { return event }
    }
    throw Command.Failure(description: "not heard; heard only \(heard)")
  }

  /// Waits for everything.
  func contents() async throws -> StoreContents {
    if case .contents(let contents) = try await wait(for: { if case .contents = $0 { true } else { false } }) { return contents }
    return StoreContents()
  }

  /// Waits for one change, and answers all that came with it.
  @discardableResult
  func change(_ change: LeaseChange) async throws -> [LeaseChange] {
    if case .changes(let changes) = try await wait(for: { if case .changes(let changes) = $0 { changes.contains(change) } else { false } })
    {
      return changes
    }
    return []
  }

  /// Waits for a failure, and answers its words.
  func failure() async throws -> String {
    if case .failed(let error) = try await wait(for: { if case .failed = $0 { true } else { false } }) { return error.description }
    return ""
  }

  /// Waits until the store has answered again, whatever it says.
  func contact() async throws { try await wait(for: { if case .failed = $0 { false } else { true } }) }
}
