import CLinux
import Glibc
public import Linux

/// Whether the kernel leaves the checksums of packets that go out of a device to the network card below: ethtool(8), `tx-checksumming`.
public enum ChecksumOffload {
  /// Switches it on or off for one device.
  public static func set(_ isOn: Bool, device: String) throws(SystemError) {
    let socket = OwnedFile(adopting: Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
    // ETHTOOL_STXCSUM of `linux/ethtool.h`, and the value.
    var value: (UInt32, UInt32) = (0x17, isOn ? 1 : 0)
    var request = ifreq()
    withUnsafeMutableBytes(of: &request.ifr_ifrn) { $0.copyBytes(from: Array(device.utf8.prefix(15))) }
    let result = withUnsafeMutablePointer(to: &value) { value in
      request.ifr_ifru.ifru_data = UnsafeMutableRawPointer(value).assumingMemoryBound(to: CChar.self)
      // SIOCETHTOOL of `linux/sockios.h`.
      return ioctl(socket.descriptor, 0x8946, &request)
    }
    guard result == 0 else { throw SystemError(.last, "switch the checksum offload of \(device)") }
  }
}
