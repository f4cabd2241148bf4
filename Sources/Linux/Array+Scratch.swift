extension [UInt8] {
  /// Room for `count` bytes that the kernel is about to fill; until then their values are arbitrary, and the memory is not touched: zeroing a
  /// buffer of 32 KiB that holds a short answer would cost eight page faults.
  package init(scratch count: Int) {
    // Every pattern of bits is a byte.
    unsafe self.init(unsafeUninitializedCapacity: count) { _, initialized in initialized = count }
  }
}
