internal import Linux

/// System calls that failed while one entry of an archive was handled.
enum SystemErrors {
  /// The error with the entry's name; what is no system call's stays as it is.
  static func naming(_ entry: String, _ error: any Error) -> any Error {
    guard let error = error as? SystemError else { return error }
    return SystemError(error.code, "entry '\(entry)': \(error.operation)")
  }
}
