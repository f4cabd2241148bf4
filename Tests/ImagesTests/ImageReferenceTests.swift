import Images
import Testing

@Suite("image references")
struct ImageReferenceTests {
  @Test(
    "are normalised as docker does, and printed as people write them",
    arguments: [
      ("busybox", "docker.io/library/busybox:latest", "busybox:latest"),
      ("busybox:1.36", "docker.io/library/busybox:1.36", "busybox:1.36"),
      ("docker.io/library/busybox", "docker.io/library/busybox:latest", "busybox:latest"),
      ("index.docker.io/busybox", "docker.io/library/busybox:latest", "busybox:latest"),
      ("user/app", "docker.io/user/app:latest", "user/app:latest"),
      ("library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest"),
      ("localhost/app", "localhost/app:latest", "localhost/app:latest"),
      ("localhost:5000/a/b_c__d---e.f:T.1-x", "localhost:5000/a/b_c__d---e.f:T.1-x", "localhost:5000/a/b_c__d---e.f:T.1-x"),
      ("[2001:db8::1]:5000/app", "[2001:db8::1]:5000/app:latest", "[2001:db8::1]:5000/app:latest"),
      ("Host/app", "Host/app:latest", "Host/app:latest"),
    ])
  func normalised(text: String, canonical: String, familiar: String) throws {
    let reference = try ImageReference(text).tagged
    #expect(reference.canonical == canonical)
    #expect(reference.description == familiar)
  }

  @Test("keep a digest, and need no tag beside it")
  func digest() throws {
    let digest = "sha256:" + String(repeating: "ab", count: 32)
    #expect(try ImageReference("busybox@\(digest)").tagged.canonical == "docker.io/library/busybox@\(digest)")
    #expect(try ImageReference("busybox:1@\(digest)").description == "busybox:1@\(digest)")
  }

  @Test(
    "that are none are refused with the text and the reason",
    arguments: [
      ("", "expected name"), ("Busybox", "must be lowercase"), ("a:", "the tag"), ("a:-x", "the tag"), ("a/", "expected name"),
      ("/a", "expected name"),
      ("a//b", "expected name"), ("a..b", "expected name"), ("a___b", "expected name"), ("_a", "expected name"), ("a-", "expected name"),
      ("a b", "expected name"), ("ä", "expected name"), ("-h.x/a", "no host name"), ("h.x:p/a", "no host name"),
      ("a@sha256:12", "the digest"),
      ("a@md5:00", "the digest"), (String(repeating: "ab", count: 32), "are an ID"), (String(repeating: "a", count: 256), "expected name"),
    ])
  func refused(text: String, reason: String) {
    let error = #expect(throws: ImageError.self) { try ImageReference(text) }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    #expect(error?.description.contains("'\(text)'") == true)
  }
}
