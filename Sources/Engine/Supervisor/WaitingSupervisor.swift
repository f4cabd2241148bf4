public import Linux

/// A supervisor that loads while its command still finds out what it is to do: it touches nothing until `begin`.
public struct WaitingSupervisor: ~Copyable {
  /// The container's ID.
  public let id: String
  let claim: ContainerClaim
  let connection: Connection

  /// Lets it start the container, whose record exists by now, and answers the conversation with it: the first message is `started` or `failed`.
  ///
  /// `size` is that of the command's terminal, which the container's gets.
  public consuming func begin(wishes: Frame.Wishes = [], size: (rows: UInt16, columns: UInt16)? = nil) -> Connection {
    Greeting(wishes, claim: claim.descriptor).send(to: connection.descriptor)
    // Before anything else: the container's terminal is made with this size.
    if let size { connection.send(.size(rows: size.rows, columns: size.columns)) }
    claim.handOver()
    return connection
  }

  /// Lets it end: nothing is to be started.
  public consuming func dismiss() throws(SystemError) { try claim.release() }
}
