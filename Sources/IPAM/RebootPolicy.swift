/// What becomes of leases of before a reboot, whose containers are gone.
public enum RebootPolicy: Sendable {
  /// They are released when the store is next used.
  case reclaim
  /// They stay until somebody releases them.
  case keep
}
