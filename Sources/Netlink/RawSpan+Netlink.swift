import CLinux

extension RawSpan {
  /// The fixed-size value at an offset, in host byte order; nil if the bytes end before it does.
  public func load<Value: BitwiseCopyable>(_ type: Value.Type = Value.self, at offset: Int = 0) -> Value? {
    guard offset >= 0, MemoryLayout<Value>.size <= byteCount - offset else { return nil }
    // Every pattern of bits is a value of a structure of integers, and the bytes are there.
    return unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: type)
  }

  /// The bytes as text, up to the first zero byte; what is not UTF-8 is replaced.
  public var text: String {
    var bytes: [UInt8] = []
    for offset in 0..<byteCount {
      let byte = unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      if byte == 0 { break }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A copy of the bytes.
  public var array: [UInt8] {
    unsafe withUnsafeBytes { unsafe Array($0) }
  }

  /// Calls `body` with the type and the content of every attribute after the first `offset` bytes. A damaged attribute ends the walk.
  public func forEachAttribute<Failure: Error>(
    after offset: Int = 0, _ body: (_ type: Int, _ content: RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    let headerSize = MemoryLayout<nlattr>.size
    var position = offset
    while let header = load(nlattr.self, at: position) {
      let length = Int(header.nla_len)
      guard length >= headerSize, length <= byteCount - position else { return }
      let type = Int(header.nla_type) & 0x3FFF  // NLA_TYPE_MASK: without NLA_F_NESTED and NLA_F_NET_BYTEORDER
      try body(type, extracting((position + headerSize)..<(position + length)))
      position += (length + 3) & ~3
    }
  }
}
