internal import Engine
internal import Glibc

// A supervisor is this same executable. It is told apart here, before anything of the command line's machinery has used memory.
if CommandLine.arguments.count > 1, CommandLine.arguments[1] == Supervisor.flag {
  exit(Supervisor.main(Array(CommandLine.arguments.dropFirst(2))))
}
exit(Invocation.run())
