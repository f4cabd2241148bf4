import CLinux

/// One netlink request while it is written: header, a family's fixed structure, attributes. Lengths and padding are filled in here and nowhere else.
public struct NetlinkMessage {
  /// What the request is meant to do, for errors: `create bridge br1`.
  public let operation: String
  /// The encoded request, in host byte order as netlink wants it.
  public private(set) var bytes: [UInt8]

  /// Starts a request of the given type. Unless it asks for a dump, which has an end of its own, NLM_F_ACK is added.
  public init(_ type: some BinaryInteger, _ flags: NetlinkFlags = [], operation: String) {
    self.operation = operation
    bytes = []
    bytes.reserveCapacity(256)
    let flags = flags.isSuperset(of: .dump) ? flags : flags.union(.acknowledge)
    append(
      nlmsghdr(nlmsg_len: 0, nlmsg_type: UInt16(type), nlmsg_flags: flags.rawValue | UInt16(NLM_F_REQUEST), nlmsg_seq: 0, nlmsg_pid: 0))
    setLength()
  }

  /// Adds a C structure as it lies in memory, padded to four bytes.
  public mutating func append<Header: BitwiseCopyable>(_ header: Header) {
    // A structure without pointers to anything is its bytes.
    unsafe withUnsafeBytes(of: header) { unsafe bytes.append(contentsOf: $0) }
    finish()
  }

  /// Adds an attribute with a number in host byte order.
  public mutating func attribute<Value: FixedWidthInteger>(_ type: some BinaryInteger, _ value: Value) {
    var value = value
    // The number's own bytes.
    unsafe withUnsafeBytes(of: &value) { unsafe attribute(type, contents: $0) }
  }

  /// Adds an attribute with a string that ends with a zero byte.
  public mutating func attribute(_ type: some BinaryInteger, _ text: String) {
    attribute(type, bytes: Array(text.utf8) + [0])
  }

  /// Adds an attribute with the given bytes.
  public mutating func attribute(_ type: some BinaryInteger, bytes content: [UInt8]) {
    unsafe content.withUnsafeBytes { unsafe attribute(type, contents: $0) }
  }

  /// Adds an attribute with a C structure.
  public mutating func attribute<Header: BitwiseCopyable>(_ type: some BinaryInteger, structure: Header) {
    // A structure without pointers to anything is its bytes.
    unsafe withUnsafeBytes(of: structure) { unsafe attribute(type, contents: $0) }
  }

  /// Adds an attribute without content: its presence is its value.
  public mutating func flag(_ type: some BinaryInteger) { attribute(type, bytes: []) }

  /// Adds an attribute that holds what `body` writes, marked NLA_F_NESTED.
  public mutating func nest<Failure: Error>(
    _ type: some BinaryInteger, _ body: (inout NetlinkMessage) throws(Failure) -> Void
  ) throws(Failure) {
    try container(UInt16(type) | UInt16(NLA_F_NESTED), body)
  }

  /// Adds an attribute that holds what `body` writes, without the mark NLA_F_NESTED, which older attributes do not carry.
  public mutating func container<Failure: Error>(
    _ type: some BinaryInteger, _ body: (inout NetlinkMessage) throws(Failure) -> Void
  ) throws(Failure) {
    let start = bytes.count
    append(nlattr(nla_len: 0, nla_type: UInt16(type)))
    try body(&self)
    write(UInt16(bytes.count - start), at: start)
  }

  /// Adds a C structure that begins with its own 16-bit length, followed by what `body` writes, all counted in that length: `struct rtnexthop`.
  public mutating func structure<Header: BitwiseCopyable, Failure: Error>(
    _ header: Header, _ body: (inout NetlinkMessage) throws(Failure) -> Void
  ) throws(Failure) {
    let start = bytes.count
    append(header)
    try body(&self)
    write(UInt16(bytes.count - start), at: start)
  }

  /// Puts the sequence number into the header.
  mutating func number(_ sequence: UInt32) { write(sequence, at: 8) }

  private mutating func attribute(_ type: some BinaryInteger, contents: UnsafeRawBufferPointer) {
    let length = MemoryLayout<nlattr>.size + contents.count
    precondition(length <= UInt16.max, "an attribute holds less than 64 KiB")
    var header = nlattr(nla_len: UInt16(length), nla_type: UInt16(type))
    unsafe withUnsafeBytes(of: &header) { unsafe bytes.append(contentsOf: $0) }
    unsafe bytes.append(contentsOf: contents)
    finish()
  }

  private mutating func finish() {
    while bytes.count % 4 != 0 { bytes.append(0) }
    setLength()
  }

  private mutating func setLength() { write(UInt32(bytes.count), at: 0) }

  private mutating func write<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
    // The number's own bytes replace as many at a place inside the message.
    unsafe withUnsafeBytes(of: value) { number in
      for position in 0..<number.count { bytes[offset + position] = unsafe number[position] }
    }
  }
}
