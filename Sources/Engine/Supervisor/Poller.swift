internal import Glibc

/// What a supervisor waits for, each thing under a tag.
struct Poller<Tag> {
  private var entries: [pollfd] = []
  private var tags: [Tag] = []

  init() {}

  /// Waits for input, for room, or for both; a negative descriptor is passed over.
  mutating func add(_ descriptor: Int32, _ tag: Tag, reads: Bool = true, writes: Bool = false) {
    add(descriptor, tag, events: Int16(reads ? POLLIN : 0) | Int16(writes ? POLLOUT : 0))
  }

  /// Waits for the events of poll(2).
  mutating func add(_ descriptor: Int32, _ tag: Tag, events: Int16) {
    guard descriptor >= 0 else { return }
    entries.append(pollfd(fd: descriptor, events: events, revents: 0))
    tags.append(tag)
  }

  /// Waits until something has happened, at the most so many milliseconds, without end if negative; answers what has, in the order of adding.
  mutating func wait(milliseconds: Int32 = -1) -> [(tag: Tag, events: Int32)] {
    while poll(&entries, nfds_t(entries.count), milliseconds) < 0 { if errno != EINTR { return [] } }
    return zip(tags, entries).filter { $1.revents != 0 }.map { ($0, Int32($1.revents)) }
  }
}
