import Glibc

/// Memory for C structures that point to one another; freed as a whole.
final class Arena {
  private var blocks: [UnsafeMutableRawPointer] = []

  deinit { for block in blocks { free(block) } }

  /// A copy of a text, ending with a zero.
  func string(_ text: String) -> UnsafeMutablePointer<CChar> {
    // Out of memory is the end of a process this small.
    guard let copy = strdup(text) else { fatalError("out of memory") }
    blocks.append(UnsafeMutableRawPointer(copy))
    return copy
  }

  /// A copy of a list; what follows its last element is not initialised.
  func list<Element: BitwiseCopyable>(_ elements: [Element], spare: Int = 0) -> UnsafeMutablePointer<Element> {
    let copy = UnsafeMutablePointer<Element>.allocate(capacity: elements.count + spare + 1)
    copy.initialize(from: elements, count: elements.count)
    blocks.append(UnsafeMutableRawPointer(copy))
    return copy
  }

  /// A list of texts that ends with a null pointer, and more of them if places are to be spare.
  func strings(_ texts: [String], spare: Int = 0) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
    list(texts.map { Optional(string($0)) } + Array(repeating: nil, count: spare + 1))
  }

  /// The same for C functions that promise not to change the texts.
  func constantStrings(_ texts: [String]) -> UnsafeMutablePointer<UnsafePointer<CChar>?> {
    list(texts.map { Optional(UnsafePointer(string($0))) } + [nil])
  }
}
