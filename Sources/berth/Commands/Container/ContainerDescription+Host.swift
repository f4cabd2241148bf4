internal import Addresses
internal import Engine
internal import JSON

extension ContainerDescription {
  /// What was asked of the host: docker's `HostConfig`.
  var hostConfiguration: JSONObject {
    let options = record.options, limits = options.limits
    let volumes = record.mounts.filter { $0.kind != .tmpfs && !$0.isAnonymous }
    return JSONObject([
      (
        "Binds",
        ContainerDescription.list(volumes.map { "\($0.name.isEmpty ? $0.source : $0.name):\($0.destination)\($0.isReadOnly ? ":ro" : "")" })
      ),
      (
        "LogConfig",
        .object(JSONObject([("Type", .string(options.logDriver)), ("Config", ContainerDescription.map(options.logOptions))]))
      ),
      ("NetworkMode", .string(ContainerSummary(record: record).networks.first ?? "default")), ("PortBindings", portBindings),
      (
        "RestartPolicy",
        .object(
          JSONObject([
            ("Name", .string(options.restartPolicy.kind.rawValue)),
            ("MaximumRetryCount", .integer(Int64(options.restartPolicy.maximumRetries))),
          ]))
      ),
      ("AutoRemove", .bool(options.removesItself)), ("VolumesFrom", ContainerDescription.list(options.volumesFrom)),
      ("CapAdd", ContainerDescription.list(options.addedCapabilities)), ("CapDrop", ContainerDescription.list(options.droppedCapabilities)),
      ("CgroupnsMode", .string(options.cgroupNamespace ?? "private")), ("Dns", ContainerDescription.list(options.nameServers)),
      ("DnsOptions", ContainerDescription.list(options.resolverOptions)), ("DnsSearch", ContainerDescription.list(options.searchDomains)),
      ("ExtraHosts", ContainerDescription.list(options.additionalHosts)), ("GroupAdd", ContainerDescription.list(options.additionalGroups)),
      ("IpcMode", .string(options.ipcNamespace ?? "private")), ("Links", ContainerDescription.list(options.links)),
      ("OomScoreAdj", .integer(Int64(options.oomScoreAdjustment ?? 0))), ("PidMode", .string(options.processNamespace ?? "")),
      ("Privileged", .bool(options.isPrivileged)), ("PublishAllPorts", .bool(options.publishesAll)),
      ("ReadonlyRootfs", .bool(options.isReadOnly)),
      ("SecurityOpt", ContainerDescription.list(options.securityOptions)), ("UTSMode", .string(options.hostNameNamespace ?? "")),
      ("UsernsMode", .string(options.userNamespace ?? "")), ("ShmSize", .integer(options.sharedMemorySize ?? 64 << 20)),
      ("Sysctls", ContainerDescription.map(options.sysctls)), ("Tmpfs", temporaryFolders), ("Init", .bool(options.hasReaper)),
      ("CpuShares", .integer(limits.cpuShares ?? 0)), ("Memory", .integer(limits.memory ?? 0)),
      ("NanoCpus", .integer(limits.nanoCPUs ?? 0)),
      ("CpusetCpus", .string(limits.processors ?? "")), ("CpusetMems", .string(limits.memoryNodes ?? "")),
      ("MemoryReservation", .integer(limits.memoryReservation ?? 0)), ("MemorySwap", .integer(limits.memorySwap ?? 0)),
      ("PidsLimit", .integer(limits.processes ?? 0)), ("Devices", ContainerDescription.list(options.devices)),
      ("Ulimits", ContainerDescription.list(options.processLimits)),
    ])
  }

  /// Ports and networks: docker's `NetworkSettings`. One that does not run has no addresses.
  var networkSettings: JSONObject {
    let isRunning = record.status.process.processID > 0, networks = isRunning ? record.networks : record.networks.map(\.withoutAddresses)
    let endpoints = networks.map { endpoint($0) }, first = endpoints.first ?? endpoint(AttachedNetwork())
    let shown = ["IPAddress", "IPPrefixLen", "Gateway", "GlobalIPv6Address", "GlobalIPv6PrefixLen", "IPv6Gateway", "MacAddress"]
    return JSONObject(
      [
        ("SandboxID", .string(record.id)),
        ("SandboxKey", .string(isRunning ? "/proc/\(record.status.process.processID)/ns/net" : "")), ("Ports", ports),
      ] + shown.map { ($0, first[$0] ?? .null) } + [
        ("Networks", .object(JSONObject(zip(networks, endpoints).map { ($0.network, .object($1)) })))
      ])
  }

  private func endpoint(_ network: AttachedNetwork) -> JSONObject {
    let (four, length) = address(network, isIPv6: false), (six, longer) = address(network, isIPv6: true)
    let asked = network.requestedAddresses
    let wishes = JSONObject(
      [("IPv4Address", asked.first { !$0.contains(":") }), ("IPv6Address", asked.first { $0.contains(":") })]
        .compactMap { name, address in address.map { (name, .string($0)) } })
    return JSONObject([
      ("IPAMConfig", asked.isEmpty ? .null : .object(wishes)),
      ("Links", .array(record.options.links.map { .string($0) })), ("Aliases", ContainerDescription.list(network.aliases)),
      ("MacAddress", .string(network.hardwareAddress)), ("NetworkID", .string(networkID(network.network))),
      ("EndpointID", .string(four.isEmpty && six.isEmpty ? "" : Network.id(ofName: "\(record.id)/\(network.interface)"))),
      ("Gateway", .string(gateway(network, isIPv6: false))), ("IPAddress", .string(four)), ("IPPrefixLen", .integer(length)),
      ("IPv6Gateway", .string(gateway(network, isIPv6: true))), ("GlobalIPv6Address", .string(six)),
      ("GlobalIPv6PrefixLen", .integer(longer)),
      ("Interface", .string(network.interface)),
    ])
  }

  /// Empty if somebody has removed the network.
  private func networkID(_ name: String) -> String { (try? NetworkStore(places).find(name))?.id ?? "" }

  private func address(_ network: AttachedNetwork, isIPv6: Bool) -> (address: String, length: Int64) {
    guard let text = network.addresses.first(where: { $0.contains(":") == isIPv6 }) else { return ("", 0) }
    let parts = text.split(separator: "/")
    return (String(parts[0]), parts.count == 2 ? Int64(parts[1]) ?? 0 : 0)
  }

  private func gateway(_ network: AttachedNetwork, isIPv6: Bool) -> String { network.gateways.first { $0.contains(":") == isIPv6 } ?? "" }

  /// Every exposed port, with where it is published.
  private var ports: JSONValue {
    var object = JSONObject(record.exposedPorts.map { ($0, .null) })
    for port in record.ports {
      let name = "\(port.containerPort)/\(port.transport)"
      let binding = JSONValue.object(
        JSONObject([
          ("HostIp", .string(port.hostAddress.isEmpty ? "0.0.0.0" : port.hostAddress)), ("HostPort", .string("\(port.hostPort)")),
        ]))
      if case .array(let known)? = object[name] { object[name] = .array(known + [binding]) } else { object[name] = .array([binding]) }
    }
    return .object(object)
  }

  /// What was asked for with `-p`.
  private var portBindings: JSONValue {
    var object = JSONObject()
    for binding in record.options.publications.flatMap({ (try? PortBinding.parse($0)) ?? [] }) {
      let host =
        binding.hostPorts == 0...0
        ? ""
        : binding.hostPorts.count == 1
          ? "\(binding.hostPorts.lowerBound)" : "\(binding.hostPorts.lowerBound)-\(binding.hostPorts.upperBound)"
      let value = JSONValue.object(
        JSONObject([("HostIp", .string(binding.hostAddress.map { "\($0)" } ?? "")), ("HostPort", .string(host))]))
      let name = binding.containerPort.description
      if case .array(let known)? = object[name] { object[name] = .array(known + [value]) } else { object[name] = .array([value]) }
    }
    return .object(object)
  }

  private var temporaryFolders: JSONValue {
    .object(JSONObject(record.mounts.filter { $0.kind == .tmpfs }.map { ($0.destination, .string($0.options)) }))
  }
}
