internal import Addresses

/// A range of addresses as a bar: each cell stands for as many addresses, and is as high as many of them are used.
enum UsageBar {
  private static let levels: [Character] = ["·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// A bar of at most `width` cells.
  static func text(_ range: AddressRange, used: [IPAddress], width: Int = 32) -> String {
    let size = range.count
    let cells = Int(min(UInt128(width), size)), perCell = (size - 1) / UInt128(cells) + 1
    var counts = [UInt128](repeating: 0, count: cells)
    for address in used where range.contains(address) { counts[min(cells - 1, Int((address.value - range.first.value) / perCell))] += 1 }
    return String(
      counts.map { count in
        // One used address is seen even among very many.
        count == 0 ? levels[0] : levels[1 + Int(min(7, (count * 8 - 1) / perCell))]
      })
  }
}
