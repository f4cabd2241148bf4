import Linux

/// Certificates of one authority, made with openssl.
public struct Certificates {
  /// Where everything is.
  public let folder: String
  /// The authority's certificate.
  public var authority: String { "\(folder)/ca.pem" }

  /// Makes an authority in a folder.
  public init(_ folder: String = "/run/tls") throws {
    self.folder = folder
    try FileSystem.createFolders(folder)
    try run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj /CN=authority -days 2")
    try FileSystem.create(
      "\(folder)/extensions",
      content: Array("subjectAltName=IP:127.0.0.1,IP:127.0.0.2,IP:192.0.2.254\nextendedKeyUsage=serverAuth,clientAuth\n".utf8))
  }

  /// Makes `NAME.pem` and `NAME.key` for a common name; with negative days it has expired.
  public func make(_ name: String, commonName: String, days: Int = 2) throws {
    try run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout \(name).key -out \(name).csr -subj /CN=\(commonName)")
    try run("x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -days \(days) -extfile extensions -out \(name).pem")
  }

  /// The file of a certificate.
  public func certificate(_ name: String) -> String { "\(folder)/\(name).pem" }
  /// The file of a private key.
  public func key(_ name: String) -> String { "\(folder)/\(name).key" }

  private func run(_ line: String) throws {
    let output = try Command.attempt(["sh", "-c", "cd \(folder) && exec openssl \(line)"])
    guard output.status == 0 else { throw Command.Failure(description: "openssl \(line): \(output)") }
  }
}
