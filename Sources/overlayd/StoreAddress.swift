internal import CNI
internal import Etcd
internal import JSON
internal import OverlayControl
internal import Wording

/// Makes the store that `--store` names.
enum StoreAddress {
  private static let kinds = ["directory", "static", "etcd"]

  /// Opens `directory:/path`, `static:/file` or `etcd:https://…`. `writer` tells hosts apart.
  static func open(_ settings: DaemonSettings, writer: String) throws -> any LeaseStore {
    let parts = settings.store.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let kind = parts[0], place = parts.count > 1 ? parts[1] : ""
    switch kind {
    case "directory", "static":
      guard place.hasPrefix("/") else {
        throw DaemonSettings.Fault("store: expected \(kind): and an absolute path, got \"\(settings.store)\"")
      }
      return kind == "static" ? StaticStore(place) : DirectoryStore(place, lifetime: settings.lifetime, writer: writer)
    case "etcd":
      do {
        let options = try settings.fields.object("etcd") ?? ConfigurationObject(JSONObject(), path: "etcd")
        return try EtcdStore(address: place, options: options, lifetime: settings.lifetime)
      } catch let error as StoreError { throw DaemonSettings.Fault("\(error)") }
    default:
      throw DaemonSettings.Fault("store: there is no kind \"\(kind)\"\(NearMatches.sentence(for: kind, among: kinds))")
    }
  }
}
