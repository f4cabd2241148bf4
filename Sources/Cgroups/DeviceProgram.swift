/// An eBPF program that decides about a device from its kind, numbers and the access wanted: `struct bpf_cgroup_dev_ctx` of `<linux/bpf.h>`.
struct DeviceProgram {
  /// One `struct bpf_insn` each, for a little-endian machine.
  private(set) var instructions: [UInt64] = []

  /// Allows what one of the rules allows, and nothing else.
  init(allowing rules: [DeviceRule]) {
    // r2: kind, r3: access, r4: major, r5: minor
    append(DeviceProgram.load, to: 2, from: 1, offset: 0)
    append(DeviceProgram.move, to: 3, from: 2)
    append(DeviceProgram.andConstant, to: 2, constant: 0xFFFF)
    append(DeviceProgram.shiftRight, to: 3, constant: 16)
    append(DeviceProgram.load, to: 4, from: 1, offset: 4)
    append(DeviceProgram.load, to: 5, from: 1, offset: 8)
    for rule in rules { append(rule) }
    append(DeviceProgram.moveConstant, to: 0, constant: 0)
    append(DeviceProgram.exit)
  }

  private mutating func append(_ rule: DeviceRule) {
    // Each test that fails leads behind the rule; how far, is known when the rule is complete.
    var tests: [(code: UInt8, register: UInt8, constant: UInt32)] = [(DeviceProgram.jumpUnequal, 2, rule.kind == .block ? 1 : 2)]
    let refused = ~rule.access.kernelBits & 7
    if refused != 0 { tests.append((DeviceProgram.jumpIfAny, 3, refused)) }
    if let major = rule.major { tests.append((DeviceProgram.jumpUnequal, 4, major)) }
    if let minor = rule.minor { tests.append((DeviceProgram.jumpUnequal, 5, minor)) }
    for (position, test) in tests.enumerated() {
      append(test.code, to: test.register, offset: Int16(tests.count - position - 1 + 2), constant: test.constant)
    }
    append(DeviceProgram.moveConstant, to: 0, constant: 1)
    append(DeviceProgram.exit)
  }

  private mutating func append(_ code: UInt8, to target: UInt8 = 0, from source: UInt8 = 0, offset: Int16 = 0, constant: UInt32 = 0) {
    instructions.append(
      UInt64(code) | UInt64(source << 4 | target) << 8 | UInt64(UInt16(bitPattern: offset)) << 16 | UInt64(constant) << 32)
  }

  // Opcodes: classes, operations and operands of `<linux/bpf.h>` and `<linux/bpf_common.h>`, all of 32 bits.
  private static let load: UInt8 = 0x61  // BPF_LDX | BPF_MEM | BPF_W
  private static let move: UInt8 = 0xBC  // BPF_ALU | BPF_MOV | BPF_X
  private static let moveConstant: UInt8 = 0xB4  // BPF_ALU | BPF_MOV | BPF_K
  private static let andConstant: UInt8 = 0x54  // BPF_ALU | BPF_AND | BPF_K
  private static let shiftRight: UInt8 = 0x74  // BPF_ALU | BPF_RSH | BPF_K
  private static let jumpUnequal: UInt8 = 0x56  // BPF_JMP32 | BPF_JNE | BPF_K
  private static let jumpIfAny: UInt8 = 0x46  // BPF_JMP32 | BPF_JSET | BPF_K
  private static let exit: UInt8 = 0x95  // BPF_JMP | BPF_EXIT
}

extension DeviceRule.Access {
  /// BPF_DEVCG_ACC_MKNOD, _READ and _WRITE.
  fileprivate var kernelBits: UInt32 { (contains(.create) ? 1 : 0) | (contains(.read) ? 2 : 0) | (contains(.write) ? 4 : 0) }
}
