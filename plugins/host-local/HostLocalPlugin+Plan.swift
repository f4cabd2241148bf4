internal import CNI
public import IPAM
public import JSON

extension HostLocalPlugin {
  /// What a network's configuration says of its addresses, and the folder of its leases. `configuration` is that of the plugin that calls host-local,
  /// with the network's name and version in it, as on its standard input.
  public static func plan(_ configuration: JSONObject) throws -> (plan: AddressPlan, folder: String) {
    let environment = Environment(["CNI_CONTAINERID=plan", "CNI_IFNAME=eth0", "CNI_NETNS=/nonexistent", "CNI_PATH=/nonexistent"])
    let request = try PluginRequest(
      .delete, environment: environment, input: Array(JSONValue.object(configuration).text.utf8), supported: supportedVersions, plugins: [])
    let decoded = try HostLocalConfiguration(request)
    return (decoded.plan, decoded.leaseFolder)
  }
}
