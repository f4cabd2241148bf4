internal import Glibc

/// The locale in which libarchive takes names for UTF-8. In the C locale it has no words for names beyond ASCII.
enum UTF8Locale {
  private nonisolated(unsafe) static let locale: locale_t? = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)

  /// Makes it the calling thread's.
  static func use() {
    if let locale { uselocale(locale) }
  }
}
