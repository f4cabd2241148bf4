public import Testing

/// Runs each case of a test on a thread with a fresh network namespace and private `/run`, `/var/lib` and `/etc`.
///
/// Programs started by the test inherit the namespaces; so two tests never see each other's links, rules or files, and run in parallel.
public struct NetworkNamespaceTrait: TestTrait, SuiteTrait, TestScoping {
  /// Applies to every test of a suite, not to the suite as a whole.
  public var isRecursive: Bool { true }

  /// More than these at once only wait for each other, and make the waits of each test long.
  private static let gate = Gate(width: 16)

  /// Called by the testing library around each test case.
  public func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
    guard testCase != nil else { return try await function() }
    await NetworkNamespaceTrait.gate.enter()
    defer { NetworkNamespaceTrait.gate.leave() }
    let thread = NamespaceThread()
    let outcome: Result<Void, any Error>
    do {
      outcome = .success(
        try await withTaskExecutorPreference(thread) {
          try thread.check(); try await function()
        })
    } catch {
      outcome = .failure(error)
    }
    thread.stop()
    try outcome.get()
  }
}

extension Trait where Self == NetworkNamespaceTrait {
  /// Gives each test case a network namespace of its own.
  public static var networkNamespace: Self { NetworkNamespaceTrait() }
}

extension Trait where Self == TimeLimitTrait {
  /// Ends a test that waits for ever. Its time begins before its turn among the tests that run at once, so this is longer than all tests take.
  public static var withinTheWholeRun: Self { .timeLimit(.minutes(45)) }
}
