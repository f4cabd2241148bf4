import CLinux
import Linux
public import Netlink

/// Hears of every change of links, addresses, routes and neighbours in one network namespace, from the moment it is made.
public struct NetworkMonitor: ~Copyable {
  /// What happened.
  public enum Event {
    /// A link is new, or a property has changed.
    case link(Link)
    /// A link is gone.
    case linkRemoved(Link)
    /// An address is new, or its state has changed.
    case address(InterfaceAddress)
    /// An address is gone.
    case addressRemoved(InterfaceAddress)
    /// A route is new or different.
    case route(Route)
    /// A route was removed; not told of routes that go with their interface.
    case routeRemoved(Route)
    /// A neighbour or an entry of a forwarding table is new or different.
    case neighbor(Neighbor)
    /// A neighbour or an entry of a forwarding table is gone.
    case neighborRemoved(Neighbor)
    /// More happened than could be told: look at everything.
    case overrun
  }

  private var socket: NetlinkSocket

  /// Listens in the network namespace of the calling thread.
  public init() throws(NetlinkError) {
    let groups = [RTNLGRP_LINK, RTNLGRP_NEIGH, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_ROUTE]
    let socket = try NetlinkSocket(.route, groups: groups.map { UInt32($0.rawValue) })
    // A thousand hosts may join at once.
    try socket.setBufferSizes(receive: 4 << 20)
    self.socket = socket
  }

  /// For poll(2): readable when something has happened.
  public var descriptor: Int32 { socket.descriptor }

  /// Passes on everything that has happened so far, without waiting.
  public mutating func receive(_ body: (Event) -> Void) throws(NetlinkError) {
    do {
      while try socket.receiveEvents(
        milliseconds: 0,
        { (type, payload) throws(NetlinkError) in
          if let event = Event(type, payload) { body(event) }
        })
      {}
    } catch {
      guard error.code == .noBuffers else { throw error }
      body(.overrun)
    }
  }
}

extension NetworkMonitor.Event {
  fileprivate init?(_ type: UInt16, _ payload: RawSpan) {
    switch Int(type) {
    case RTM_NEWLINK, RTM_DELLINK:
      guard let link = Link(payload: payload) else { return nil }
      self = type == RTM_NEWLINK ? .link(link) : .linkRemoved(link)
    case RTM_NEWADDR, RTM_DELADDR:
      guard let address = InterfaceAddress(payload: payload) else { return nil }
      self = type == RTM_NEWADDR ? .address(address) : .addressRemoved(address)
    case RTM_NEWROUTE, RTM_DELROUTE:
      guard let route = Route(payload: payload) else { return nil }
      self = type == RTM_NEWROUTE ? .route(route) : .routeRemoved(route)
    case RTM_NEWNEIGH, RTM_DELNEIGH:
      guard let neighbor = Neighbor(payload: payload) else { return nil }
      self = type == RTM_NEWNEIGH ? .neighbor(neighbor) : .neighborRemoved(neighbor)
    default: return nil
    }
  }
}
