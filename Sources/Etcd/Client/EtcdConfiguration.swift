/// Where etcd is, and how we show who we are.
public struct EtcdConfiguration: Sendable {
  /// The members; any of them can serve us. Not empty.
  public var endpoints: [EtcdEndpoint]
  /// A PEM file with the certificates that etcd's certificate must lead to; nil: the system's.
  public var authorityFile: String?
  /// A PEM file with our own certificate and those that lead to its authority.
  public var certificateFile: String?
  /// A PEM file with the private key of our certificate.
  public var keyFile: String?
  /// A user of etcd; nil if etcd asks for none, or takes the common name of our certificate.
  public var user: String?
  /// The user's password.
  public var password: String?
  /// How long one call may take, the establishment of the connection included.
  public var callLimit: Duration = .seconds(5)

  /// With everything else left out.
  public init(endpoints: [EtcdEndpoint]) { self.endpoints = endpoints }
}
