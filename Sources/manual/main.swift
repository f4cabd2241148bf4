internal import Glibc
internal import JSON
internal import Linux

// manual FOLDER: writes a manual page for each command of a program into a folder. The standard input is what the program says of itself with
// --experimental-dump-help.
do {
  guard CommandLine.arguments.count == 2 else { throw ManualError("usage: PROGRAM --experimental-dump-help | manual FOLDER") }
  let input = OwnedFile(adopting: STDIN_FILENO)
  let text = try input.readToEnd(limit: 16 << 20)
  _ = input.release()
  guard case .object(let dump) = try JSONValue(parsing: text), case .object(let command)? = dump["command"] else {
    throw ManualError("expected the description of a command, as --experimental-dump-help prints it")
  }
  let folder = CommandLine.arguments[1]
  try FileSystem.createFolders(folder)
  for page in ManualPage.all(of: command) { try FileSystem.replace("\(folder)/\(page.name).1", content: Array(page.text.utf8)) }
} catch {
  try? OwnedFile(adopting: STDERR_FILENO).write(Array("manual: \(error)\n".utf8))
  exit(1)
}
