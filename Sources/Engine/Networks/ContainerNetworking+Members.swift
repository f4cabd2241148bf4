internal import CNI
internal import Linux

extension ContainerNetworking {
  /// The container as others on a network see it.
  func member(_ attached: AttachedNetwork) throws -> NetworkMember {
    var member = NetworkMember()
    member.id = record.id
    member.name = record.name
    member.hostName = try hostName()
    member.interface = attached.interface
    member.addresses = attached.addresses
    member.hardwareAddress = attached.hardwareAddress
    member.aliases = attached.aliases
    return member
  }

  /// Has the hosts files on a network know each other: this container's all members, theirs this container. On the default network nobody knows
  /// anybody, as docker has it.
  func join(_ attached: AttachedNetwork) throws {
    if attached.network == NetworkStore.defaultName { return }
    let own = HostsFile(folder: containers.places.container(record.id)), places = containers.places
    let me = try member(attached)
    for other in try NetworkMember.all(of: attached.network, places) where other.id != record.id {
      try own.replace(other.mark(on: attached.network), with: other.hostsLines)
      try HostsFile(folder: places.container(other.id)).replace(me.mark(on: attached.network), with: me.hostsLines)
    }
  }

  /// Has the others forget this container; its own file forgets them too, if it goes on running.
  func leave(_ attached: AttachedNetwork) throws {
    let places = containers.places
    let lock = try NetworkMember.lock(places)
    let wasMember = try NetworkMember.leave(attached.network, id: record.id, interface: attached.interface, places)
    if wasMember {
      try tellLinked(isGone: true)
      if attached.network != NetworkStore.defaultName {
        let me = try member(attached), own = HostsFile(folder: places.container(record.id))
        for other in try NetworkMember.all(of: attached.network, places) {
          try HostsFile(folder: places.container(other.id)).replace(me.mark(on: attached.network), with: [])
          try own.replace(other.mark(on: attached.network), with: [])
        }
      }
    }
    withExtendedLifetime(lock) {}
  }

  /// Has the files of other containers, on its networks or linked to it, tell a new name of this one.
  public func refreshNeighbors() throws {
    let lock = try NetworkMember.lock(containers.places)
    for attached in record.networks {
      guard try NetworkMember.find(record.id, on: attached.network, containers.places) != nil else { continue }
      try member(attached).enter(attached.network, containers.places)
      try join(attached)
    }
    try tellLinked(isGone: false)
    withExtendedLifetime(lock) {}
  }
}
