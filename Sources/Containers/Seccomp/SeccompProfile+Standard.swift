extension SeccompProfile {
  /// What docker allows by default: an allowlist of calls that programs use and that are safe in a container, more of it by capability; all
  /// else is "Operation not permitted".
  static func standard(for capabilities: CapabilitySet) -> SeccompProfile {
    var rules = [Rule(names: words(everyday), action: .allow)]
    for (number, calls) in byCapability where capabilities.rawValue >> number & 1 == 1 {
      rules.append(Rule(names: words(calls), action: .allow))
    }
    rules += personalities.map { Rule(names: ["personality"], action: .allow, arguments: [.init(index: 0, comparison: .equal, value: $0)]) }
    // Not the machine's hypervisor and other guests (AF_VSOCK), whom no network namespace separates.
    rules.append(Rule(names: ["socket"], action: .allow, arguments: [.init(index: 0, comparison: .notEqual, value: 40)]))
    if capabilities.isDisjoint(with: systemAdministration) {
      rules.append(
        Rule(names: ["clone"], action: .allow, arguments: [.init(index: 0, comparison: .maskedEqual(mask: newNamespaces), value: 0)]))
      // Its flags lie in memory, where no filter can look. The C library then tries clone.
      rules.append(Rule(names: ["clone3"], action: .fail(38)))
    }
    return SeccompProfile(defaultAction: .fail(1), rules: rules, architectures: relatedArchitectures)
  }

  /// CAP_SYS_ADMIN
  private static let systemAdministration = CapabilitySet(rawValue: 1 << 21)

  /// CLONE_NEW… of clone(2), but for the time namespace, whose flag is a signal's number there.
  private static let newNamespaces: UInt64 = 0x7e02_0000

  /// Linux, UNAME26, ADDR_NO_RANDOMIZE with and without; asking for what is set.
  private static let personalities: [UInt64] = [0, 0x8, 0x20000, 0x20008, 0xffff_ffff]

  private static func words(_ text: String) -> [String] { text.split { $0 == " " || $0 == "\n" }.map(String.init) }

  /// What is allowed to those who have a capability, by its number. The kernel checks the capability all the same.
  private static let byCapability: [(number: UInt64, calls: String)] = [
    (2, "open_by_handle_at"),
    (16, "delete_module finit_module init_module"),
    (17, "ioperm iopl"),
    (18, "chroot"),
    (19, "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace"),
    (20, "acct"),
    (
      21,
      """
      bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount open_tree perf_event_open
      quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare
      """
    ),
    (22, "reboot"),
    (23, "get_mempolicy mbind set_mempolicy set_mempolicy_home_node"),
    (25, "clock_settime clock_settime64 settimeofday stime"),
    (26, "vhangup"),
    (34, "syslog"),
    (38, "perf_event_open"),
    (39, "bpf"),
  ]

  /// What every program may call, by what it is about. Names that a machine's C library does not know are of other architectures or newer.
  private static let everyday = processes + files + memory + communication + time

  private static let processes = """
    alarm capget capset execve execveat exit exit_group fork getcpu getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32
    getitimer getpgid getpgrp getpid getppid getpriority getrandom getresgid getresgid32 getresuid getresuid32 getrlimit getrusage getsid gettid
    getuid getuid32 get_robust_list get_thread_area ioprio_get ioprio_set kill landlock_add_rule landlock_create_ruleset landlock_restrict_self
    membarrier pause pidfd_open pidfd_send_signal prctl prlimit64 process_mrelease process_vm_readv process_vm_writev ptrace restart_syscall rseq
    rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64
    rt_tgsigqueueinfo sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min
    sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp
    setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setitimer setpgid setpriority setregid setregid32 setresgid
    setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setsid setuid setuid32 set_robust_list set_thread_area set_tid_address
    sigaltstack sigprocmask sigreturn sysinfo tgkill times tkill ugetrlimit umask uname vfork wait4 waitid
    waitpid arch_prctl modify_ldt set_tls breakpoint cacheflush riscv_flush_icache uretprobe

    """

  private static let files = """
    access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 fadvise64_64
    arm_fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr
    flistxattr flock fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futimesat getcwd getdents
    getdents64 getxattr getxattrat inotify_add_watch inotify_init inotify_init1 inotify_rm_watch ioctl io_cancel io_destroy io_getevents
    io_pgetevents io_pgetevents_time64 io_setup io_submit lchown lchown32 lgetxattr link linkat listmount listxattr listxattrat llistxattr
    lremovexattr lseek lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at newfstatat open openat openat2 pread64 preadv
    preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv removexattr removexattrat rename renameat renameat2 rmdir
    sendfile sendfile64 setxattr setxattrat splice stat stat64 statfs statfs64 statmount statx symlink symlinkat sync syncfs sync_file_range
    sync_file_range2 arm_sync_file_range tee truncate truncate64 unlink unlinkat utime utimensat utimensat_time64 utimes vmsplice write writev
    _llseek

    """

  private static let memory = """
    brk cachestat madvise map_shadow_stack memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mmap2 mprotect mremap mseal msync munlock
    munlockall munmap pkey_alloc pkey_free pkey_mprotect remap_file_pages

    """

  private static let communication = """
    accept accept4 bind connect epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd
    eventfd2 futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake getpeername getsockname getsockopt ipc listen mq_getsetattr
    mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd pipe pipe2
    poll ppoll ppoll_time64 pselect6 pselect6_time64 recv recvfrom recvmmsg recvmmsg_time64 recvmsg select semctl semget semop semtimedop
    semtimedop_time64 send sendmmsg sendmsg sendto setsockopt shmat shmctl shmdt shmget shutdown signalfd signalfd4 socketcall socketpair
    _newselect

    """

  private static let time = """
    adjtimex clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64
    gettimeofday nanosleep time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64
    timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64
    """
}
