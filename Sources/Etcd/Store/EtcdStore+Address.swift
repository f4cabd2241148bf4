public import CNI
import JSON
import Linux
public import OverlayControl

extension EtcdStore {
  /// The members that the options may have.
  private static let optionNames = ["authorityFile", "certificateFile", "keyFile", "user", "password", "passwordFile", "prefix"]

  /// A store at `http://HOST:PORT[,…][/PREFIX]`, as `--store etcd:…` names it; `options` are the rest: `authorityFile`, `certificateFile`, `keyFile`,
  /// `user`, `password` or `passwordFile`, `prefix`. Throws what is wrong with them as `refused`.
  public init(address: String, options: ConfigurationObject, lifetime: LeaseLifetime) throws(StoreError) {
    var endpoints: [EtcdEndpoint] = [], prefix: String?
    for text in address.split(separator: ",", omittingEmptySubsequences: false) {
      var text = text
      // The path of `https://host:2379/path` begins with the first slash that is not the scheme's.
      let scheme = ["https://", "http://"].first { text.hasPrefix($0) } ?? ""
      if let slash = text.dropFirst(scheme.count).firstIndex(of: "/") {
        let path = String(text[slash...])
        if path != "/" { prefix = path }
        text = text[..<slash]
      }
      guard let endpoint = EtcdEndpoint(String(text)) else {
        throw .refused("store: expected etcd:https://HOST:PORT[,…][/PREFIX], got \"\(text)\"")
      }
      endpoints.append(endpoint)
    }
    var configuration = EtcdConfiguration(endpoints: endpoints)
    do throws(CNIError) {
      for member in options.json.members where !EtcdStore.optionNames.contains(where: { $0.lowercased() == member.name.lowercased() }) {
        throw CNIError(
          .invalidConfiguration,
          "there is no option \(options.path(of: member.name)), expected one of \(EtcdStore.optionNames.joined(separator: ", "))")
      }
      configuration.authorityFile = try options.string("authorityFile")
      configuration.certificateFile = try options.string("certificateFile")
      configuration.keyFile = try options.string("keyFile")
      configuration.user = try options.string("user")
      configuration.password = try options.string("password")
      if prefix == nil { prefix = try options.string("prefix") }
    } catch { throw .refused(error.message) }
    do throws(SystemError) {
      if let file = try? options.string("passwordFile") {
        configuration.password = String(decoding: try FileSystem.read(file, limit: 1 << 16), as: UTF8.self).trimmingLineEnd
      }
    } catch { throw .refused(error.description) }
    if (configuration.user == nil) != (configuration.password == nil) {
      throw .refused("etcd.\(configuration.user == nil ? "user" : "password"): expected both a user and a password")
    }
    try self.init(configuration, prefix: prefix ?? EtcdStore.defaultPrefix, lifetime: lifetime)
  }
}

extension String {
  /// Without the end of line that editors leave.
  fileprivate var trimmingLineEnd: String {
    var text = self
    while text.last?.isNewline == true { text.removeLast() }
    return text
  }
}
