internal import ArgumentParser
internal import Engine

/// What the container is connected to, and how it is called there.
struct NetworkOptionGroup: ParsableArguments {
  @Option(
    name: [.customLong("network"), .customLong("net")],
    help: "Connect a container to a network (may be repeated; also name=NAME,alias=…,ip=…,mac-address=…), none, host or container:NAME")
  var networks: [String] = []
  @Option(name: [.customLong("network-alias"), .customLong("net-alias")], help: "Add network-scoped alias for the container")
  var aliases: [String] = []
  @Option(help: "IPv4 address (e.g., 172.30.100.104)") var ip: String?
  @Option(help: "IPv6 address (e.g., 2001:db8::33)") var ip6: String?
  @Option(help: "Container MAC address (e.g., 92:d0:c6:0a:29:33)") var macAddress: String?
  @Option(name: [.customShort("p", allowingJoined: true), .long], help: "Publish a container's port(s) to the host") var publish: [String] =
    []
  @Flag(name: [.customShort("P"), .long], help: "Publish all exposed ports to random ports") var publishAll = false
  @Option(help: "Expose a port or a range of ports") var expose: [String] = []
  @Option(help: "Add link to another container") var link: [String] = []
  @Option(name: [.customShort("h", allowingJoined: true), .long], help: "Container host name") var hostname: String?
  @Option(help: "Container NIS domain name") var domainname: String?
  @Option(help: "Add a custom host-to-IP mapping (host:ip)") var addHost: [String] = []
  @Option(help: "Set custom DNS servers") var dns: [String] = []
  @Option(help: "Set custom DNS search domains") var dnsSearch: [String] = []
  @Option(name: [.customLong("dns-option"), .customLong("dns-opt")], help: "Set DNS options") var dnsOption: [String] = []

  func apply(to options: inout RunOptions) {
    options.networks = networks
    options.networkAliases = aliases
    options.address4 = ip
    options.address6 = ip6
    options.hardwareAddress = macAddress
    options.publications = publish
    options.publishesAll = publishAll
    options.exposedPorts = expose
    options.links = link
    options.hostName = hostname
    options.domainName = domainname
    options.additionalHosts = addHost
    options.nameServers = dns
    options.searchDomains = dnsSearch
    options.resolverOptions = dnsOption
  }
}
