import Etcd
import TestSupport

extension EtcdServers {
  /// All members, for a store. They listen on 127.0.0.2 too, which a test can cut off while etcdctl still reaches them.
  func configuration(host: String = "127.0.0.1") throws -> EtcdConfiguration {
    EtcdConfiguration(endpoints: try programs.indices.map { try EtcdEndpoint(endpoint($0, host: host)).required })
  }
}

extension Optional {
  /// The value, which a test knows to be there.
  var required: Wrapped {
    get throws {
      guard let self else { throw Command.Failure(description: "nil where \(Wrapped.self) was expected") }
      return self
    }
  }
}
