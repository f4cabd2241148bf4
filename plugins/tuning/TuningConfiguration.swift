import Addresses
import CNI
import JSON

/// The keys of the `tuning` plugin, decoded and valid. What `args.cni` says wins over the configuration, key by key.
struct TuningConfiguration {
  /// The parameters to set, in their order.
  let sysctls: [SysctlSetting]
  /// The interface's properties to set.
  let link: LinkSettings
  /// Where the interface's previous properties are kept until DEL.
  let dataFolder: String

  /// Whether there is nothing to do.
  var isEmpty: Bool { sysctls.isEmpty && link.isEmpty }

  init(_ request: PluginRequest) throws(CNIError) {
    let configuration = request.configuration, fields = configuration.fields, arguments = try configuration.arguments()
    let interface = request.attachment.interfaceName
    var sysctls = try SysctlSetting.list(fields.object("sysctl"), interface: interface)
    for setting in try SysctlSetting.list(arguments.object("sysctl"), interface: interface) {
      if let position = sysctls.firstIndex(where: { $0.path == setting.path }) { sysctls.remove(at: position) }
      sysctls.append(setting)
    }
    self.sysctls = sysctls
    link = try TuningConfiguration.link(request, fields, arguments)
    dataFolder = try fields.string("dataDir") ?? "/run/cni/tuning"
    guard dataFolder.hasPrefix("/") else {
      throw CNIError(field: fields.path(of: "dataDir"), expected: "an absolute path", got: .string(dataFolder))
    }
  }

  /// For the MAC address `args.cni` wins over `runtimeConfig`, that over MAC in CNI_ARGS, and that over the configuration.
  private static func link(
    _ request: PluginRequest, _ fields: ConfigurationObject, _ arguments: ConfigurationObject
  ) throws(CNIError) -> LinkSettings {
    var given = LinkSettings()
    if let value = try request.configuration.runtimeConfig().value("mac"), value.json != "" {
      given.macAddress = try value.station()
    } else if let text = try request.arguments.values(known: ["MAC"])["MAC"], !text.isEmpty {
      given.macAddress = try ConfigurationValue(.string(text), path: "CNI_ARGS MAC").station()
    }
    return try LinkSettings(arguments).completed(by: given).completed(by: LinkSettings(fields))
  }
}
