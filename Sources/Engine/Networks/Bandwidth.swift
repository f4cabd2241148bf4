/// Rates in bits per second and bursts in bits, as the CNI convention `bandwidth` has them; 0 is no limit.
public struct Bandwidth: JSONRecord, Equatable {
  /// Into the container, bits per second.
  public var ingressRate: UInt64 = 0
  /// Into the container, bits at once.
  public var ingressBurst: UInt64 = 0
  /// Out of the container, bits per second.
  public var egressRate: UInt64 = 0
  /// Out of the container, bits at once.
  public var egressBurst: UInt64 = 0

  /// No limits.
  public init() {}

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("ingressRate", &ingressRate)
    try fields.field("ingressBurst", &ingressBurst)
    try fields.field("egressRate", &egressRate)
    try fields.field("egressBurst", &egressBurst)
  }
}
