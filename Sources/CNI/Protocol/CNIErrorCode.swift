/// The number that tells a runtime what kind of error it got: section "Error" of the CNI specification, and what the common library adds.
public struct CNIErrorCode: RawRepresentable, Hashable, Sendable {
  /// The number. 1…99 belong to the specification, 100 and more to the plugins.
  public let rawValue: Int

  /// Makes a code of any number; a delegate's error keeps the number it came with.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// 1: the configuration's version is not spoken here, or does not know the command.
  public static var incompatibleVersion: CNIErrorCode { CNIErrorCode(rawValue: 1) }
  /// 2: a field of the configuration is not supported; the message names key and value.
  public static var unsupportedField: CNIErrorCode { CNIErrorCode(rawValue: 2) }
  /// 3: the container is unknown, so nothing needs to be cleaned up.
  public static var unknownContainer: CNIErrorCode { CNIErrorCode(rawValue: 3) }
  /// 4: an environment variable is missing or wrong; the message names it.
  public static var invalidEnvironment: CNIErrorCode { CNIErrorCode(rawValue: 4) }
  /// 5: the operating system refused something.
  public static var inputOutput: CNIErrorCode { CNIErrorCode(rawValue: 5) }
  /// 6: the input is not JSON, or a field has the wrong type.
  public static var decoding: CNIErrorCode { CNIErrorCode(rawValue: 6) }
  /// 7: the configuration says something that cannot be.
  public static var invalidConfiguration: CNIErrorCode { CNIErrorCode(rawValue: 7) }
  /// 8: CNI_NETNS names the network namespace that the plugin itself runs in.
  public static var ownNetworkNamespace: CNIErrorCode { CNIErrorCode(rawValue: 8) }
  /// 11: a passing condition; the runtime should try again later.
  public static var tryAgainLater: CNIErrorCode { CNIErrorCode(rawValue: 11) }
  /// 50: an answer to STATUS: an ADD would fail now.
  public static var notAvailable: CNIErrorCode { CNIErrorCode(rawValue: 50) }
  /// 51: an answer to STATUS: an ADD would fail now, and existing containers may be cut off.
  public static var limitedConnectivity: CNIErrorCode { CNIErrorCode(rawValue: 51) }
  /// 999: everything else.
  public static var other: CNIErrorCode { CNIErrorCode(rawValue: 999) }
}
