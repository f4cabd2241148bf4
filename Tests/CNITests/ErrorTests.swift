import CNI
import JSON
import Linux
import Testing

@Suite("CNI errors")
struct ErrorTests {
  @Test("are printed with details only if there are any")
  func print() {
    #expect(CNIError(.other, "m").json(version: .v100).text == #"{"cniVersion":"1.0.0","code":999,"msg":"m"}"#)
    #expect(
      CNIError(.tryAgainLater, "m", details: "d").json(version: .v030).text == #"{"cniVersion":"0.3.0","code":11,"msg":"m","details":"d"}"#)
  }

  @Test("of another plugin are read unchanged")
  func read() {
    let text = #"{"cniVersion":"1.0.0","code":104,"msg":"a \"b\"","details":"c"}"#
    #expect(CNIError(printed: Array(text.utf8)) == CNIError(CNIErrorCode(rawValue: 104), "a \"b\"", details: "c"))
    #expect(CNIError(printed: Array(#"{"Code":7,"Msg":"m"}"#.utf8)) == CNIError(.invalidConfiguration, "m"))
  }

  @Test(
    "are not read from anything else", arguments: ["", "panic", "[]", "{}", #"{"msg":"m"}"#, #"{"code":"7"}"#, #"{"code":7}{"code":8}"#])
  func unreadable(text: String) { #expect(CNIError(printed: Array(text.utf8)) == nil) }

  @Test("are made of any error")
  func convert() {
    #expect(CNIError(CNIError(.notAvailable, "full") as any Error) == CNIError(.notAvailable, "full"))
    #expect(CNIError(SystemError(.noEntry, "open /x")) == CNIError(.inputOutput, "open /x: No such file or directory"))
    #expect(CNIError(FailingPlugin.Complaint(description: "why")) == CNIError(.other, "why"))
  }
}
