/// Finds the contents of files in the bytes of a tar archive (POSIX.1-2017 pax, ustar, and GNU's format) without copying them.
///
/// Anything it does not know for sure is frame; so the archive always is its pieces joined.
struct TarScanner {
  /// A part of the archive.
  enum Piece {
    /// Headers, padding, and everything else: the bytes themselves.
    case frame(UnsafeRawBufferPointer)
    /// The content of a regular file follows, so many bytes of it.
    case content(Int64)
  }

  private enum State: Equatable {
    case header
    /// Content that is recorded elsewhere.
    case content(Int64)
    /// Padding, or data that are frame.
    case frame(Int64)
    /// Data of an extended header, which may tell the next file's size.
    case extended(Int64)
    /// Everything from here on is frame.
    case rest
  }

  private var state = State.header
  private var pending: [UInt8] = []
  private var size: Int64?
  private var isSparse = false
  /// What follows the present data: its padding.
  private var padding: Int64 = 0

  init() {}

  /// Takes the next bytes.
  mutating func scan(_ bytes: UnsafeRawBufferPointer, _ emit: (Piece) throws -> Void) throws {
    var rest = bytes
    while !rest.isEmpty {
      switch state {
      case .rest:
        try emit(.frame(rest))
        return
      case .content(let left): state = advance(State.content, left, &rest).state
      case .frame(let left):
        let (next, piece) = advance(State.frame, left, &rest)
        try emit(.frame(piece))
        state = next
      case .extended(let left):
        let piece = take(left, &rest)
        pending += piece
        try emit(.frame(piece))
        if left == piece.count { readExtended() }
        state = left == piece.count ? (padding > 0 ? .frame(padding) : .header) : .extended(left - Int64(piece.count))
      case .header:
        pending += take(Int64(512 - pending.count), &rest)
        guard pending.count == 512 else { return }
        try pending.withUnsafeBytes { try emit(.frame($0)) }
        let content = readHeader()
        if let content { try emit(.content(content)) }
      }
    }
  }

  /// The archive has ended; what is left of a header is frame.
  mutating func finish(_ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
    if state == .header, !pending.isEmpty { try pending.withUnsafeBytes { try emit($0) } }
    pending = []
  }

  private func take(_ count: Int64, _ rest: inout UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let count = Int(min(count, Int64(rest.count)))
    let piece = UnsafeRawBufferPointer(rebasing: rest[..<count])
    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    return piece
  }

  private func advance(
    _ make: (Int64) -> State, _ left: Int64, _ rest: inout UnsafeRawBufferPointer
  ) -> (state: State, piece: UnsafeRawBufferPointer) {
    let piece = take(left, &rest)
    if piece.count < left { return (make(left - Int64(piece.count)), piece) }
    if case .content = make(0), padding > 0 { return (.frame(padding), piece) }
    return (.header, piece)
  }

  /// Reads the header in `pending` and decides what follows; answers the size of a content that is to be recorded elsewhere.
  private mutating func readHeader() -> Int64? {
    let header = pending
    pending = []
    // Two empty blocks end an archive, and what follows them is nobody's.
    guard header.contains(where: { $0 != 0 }), let ownSize = TarScanner.number(header[124..<136]), ownSize >= 0 else {
      state = .rest
      return nil
    }
    let kind = header[156]
    switch kind {
    case UInt8(ascii: "x"), UInt8(ascii: "g"), UInt8(ascii: "L"), UInt8(ascii: "K"):
      guard ownSize <= 1 << 24 else {
        state = .rest
        return nil
      }
      padding = -ownSize & 511
      let isOfNext = kind == UInt8(ascii: "x")
      state = ownSize == 0 ? .header : isOfNext ? .extended(ownSize) : .frame(ownSize + padding)
      return nil
    case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
      let count = size ?? ownSize, wasSparse = isSparse
      (size, isSparse) = (nil, false)
      padding = -count & 511
      // A name that ends with a slash makes it a folder in the oldest format.
      guard count > 0, !wasSparse, count < 1 << 60 else {
        state = count == 0 ? .header : count < 1 << 60 ? .frame(count + padding) : .rest
        return nil
      }
      state = .content(count)
      return count
    case UInt8(ascii: "1")...UInt8(ascii: "6"):
      let count = size ?? ownSize
      (size, isSparse) = (nil, false)
      // Whether data follow is not agreed upon.
      state = count == 0 ? .header : .rest
      return nil
    default:
      state = .rest
      return nil
    }
  }

  /// Looks for the members of a pax header that change what follows: `LENGTH KEY=VALUE\n`.
  private mutating func readExtended() {
    var rest = pending[...]
    while let blank = rest.firstIndex(of: UInt8(ascii: " ")), let length = Int(String(decoding: rest[..<blank], as: UTF8.self)),
      length > 0, length <= rest.count
    {
      let record = rest[blank..<rest.startIndex + length].dropFirst()
      rest = rest[(rest.startIndex + length)...]
      let text = String(decoding: record.prefix(64), as: UTF8.self)
      if text.hasPrefix("size=") { size = Int64(text.dropFirst(5).prefix { $0 != "\n" }) }
      if text.hasPrefix("GNU.sparse.") { isSparse = true }
    }
    pending = []
  }

  /// A number field: octal digits, or base 256 if the first bit is set.
  private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
    if let first = field.first, first & 0x80 != 0 {
      guard first == 0x80, field.dropFirst().dropLast(8).allSatisfy({ $0 == 0 }) else { return nil }
      return Int64(bitPattern: field.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
    let digits = field.drop { $0 == 32 }.prefix { $0 != 32 && $0 != 0 }
    return digits.isEmpty ? 0 : Int64(String(decoding: digits, as: UTF8.self), radix: 8)
  }
}
