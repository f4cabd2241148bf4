import CLinux

/// A message that libnftnl writes, in a buffer that is large enough for it; valid during the call that it is passed to.
@safe struct Draft {
  let header: UnsafeMutablePointer<nlmsghdr>

  init(_ header: UnsafeMutablePointer<nlmsghdr>) { unsafe self.header = unsafe header }
}
