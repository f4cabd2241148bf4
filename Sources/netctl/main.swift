internal import Glibc

exit(Invocation.run())
