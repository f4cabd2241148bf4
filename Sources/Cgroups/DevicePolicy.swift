/// Which device files the processes of a cgroup may open and create.
public enum DevicePolicy: Equatable, Sendable {
  /// Every device: `--privileged`.
  case unrestricted
  /// null, zero, full, random, urandom, tty, console, ptmx, pseudo terminals and the TUN device, any `mknod`, and what is added by `--device`.
  case standard(adding: [DeviceRule] = [])

  /// The list that docker gives every container.
  static let usual: [DeviceRule] = [
    DeviceRule(.character, access: .create),
    DeviceRule(.block, access: .create),
    DeviceRule(.character, major: 1, minor: 3),  // null
    DeviceRule(.character, major: 1, minor: 5),  // zero
    DeviceRule(.character, major: 1, minor: 7),  // full
    DeviceRule(.character, major: 1, minor: 8),  // random
    DeviceRule(.character, major: 1, minor: 9),  // urandom
    DeviceRule(.character, major: 5, minor: 0),  // tty
    DeviceRule(.character, major: 5, minor: 1),  // console
    DeviceRule(.character, major: 5, minor: 2),  // ptmx
    DeviceRule(.character, major: 136),  // pseudo terminals
    DeviceRule(.character, major: 10, minor: 200),  // net/tun
  ]
}
