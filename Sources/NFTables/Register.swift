import CLinux

/// A place where one expression of a rule leaves what the next one reads: sixteen words of four bytes, longer values lie in several.
public struct Register: Hashable, Sendable {
  /// Which of the sixteen words, from 0; where a longer value lies, its first.
  public let word: Int

  /// The register that starts at a word.
  public init(word: Int) { self.word = word }

  /// The kernel's number, which counts words from NFT_REG32_00.
  var kernelNumber: UInt32 { UInt32(NFT_REG32_00.rawValue) + UInt32(word) }

  /// The kernel answers with NFT_REG_1…4 where a register starts at a multiple of four words.
  init(kernelNumber: UInt32) {
    let first = UInt32(NFT_REG32_00.rawValue)
    word = kernelNumber >= first ? Int(kernelNumber - first) : (Int(kernelNumber) - 1) * 4
  }
}
