// Feeds arbitrary bytes to everything that reads what others wrote: configurations, results, netlink replies, files.
// A crash is a defect; every error is fine. `make fuzz` runs it for a minute.

/// libFuzzer's main loop, which the sanitizer's library brings.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
  _ count: UnsafeMutablePointer<Int32>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>, Int) -> Int32
) -> Int32

/// One input: see `Reader.read`.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
  Reader.read(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

var count = CommandLine.argc
var arguments = CommandLine.unsafeArgv
_ = runFuzzer(&count, &arguments, testOneInput)
