/// The kernel's headers for networking, and the system calls that Swift's Glibc module hides.
///
/// Every function returns what the system call returns: a value that is not negative, or `-errno`.
#ifndef CLINUX_H
#define CLINUX_H

#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include <linux/bpf.h>
#include <linux/fib_rules.h>
#include <linux/genetlink.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/inet_diag.h>
#include <linux/magic.h>
#include <linux/neighbour.h>
#include <linux/net_namespace.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/sock_diag.h>
#include <linux/veth.h>
#include <linux/wireguard.h>

/// setns(2) with CLONE_NEWNET: moves the calling thread into the network namespace that `fd` names.
int clinux_enter_network_namespace(int fd);

/// setns(2): moves the calling thread into a namespace of the kind CLONE_NEW….
int clinux_enter_namespace(int fd, int kind);

/// unshare(2): gives the calling thread new namespaces, named by CLONE_NEWNET, CLONE_NEWNS…
int clinux_unshare(int namespaces);

/// 1 if `fd` is a file of the namespace file system that names a network namespace, 0 if it is anything else.
int clinux_is_network_namespace(int fd);

/// O_PATH and O_TMPFILE of open(2), AT_EMPTY_PATH of fchownat(2).
extern const int clinux_o_path, clinux_o_tmpfile, clinux_at_empty_path;

/// SEEK_DATA and SEEK_HOLE of lseek(2).
extern const int clinux_seek_data, clinux_seek_hole;

/// open(2) and openat(2) without variadic arguments; always with O_CLOEXEC. `dir` may be AT_FDCWD.
int clinux_open(int dir, const char *path, int flags, mode_t mode);

/// openat2(2): as clinux_open, and `resolve` (RESOLVE_BENEATH…) limits where the path may lead.
int clinux_open_resolving(int dir, const char *path, int flags, mode_t mode, uint64_t resolve);

/// Gives the unnamed file `fd` (opened with O_TMPFILE) the name `path`; fails with EEXIST if the name is taken.
int clinux_link_unnamed(int fd, int dir, const char *path);

/// renameat2(2) with RENAME_NOREPLACE: fails with EEXIST if `to` is taken.
int clinux_rename_exclusive(int dir, const char *from, const char *to);

/// Opens /dev/null for each of the descriptors 0, 1 and 2 that is closed, so that no file opened later is taken for a standard one.
int clinux_open_standard_descriptors(void);

/// memfd_create(2): an empty file without a name, in memory.
int clinux_unnamed_file(const char *label);

/// Sends the netlink request `bytes` on `fd` from a process of its own that holds nothing but `fd` and the `count` sockets in `held`, and
/// ends when the kernel has answered.
///
/// RTM_DELLINK returns only after all CPUs have passed an RCU barrier (20–30 ms), although the link is gone for everybody at
/// once; the caller waits for the RTM_DELLINK event instead. `held` are sockets, three at the most, whose close() is slow for the same
/// reason. Only for a process with a single thread.
///
/// Returns a descriptor from which the kernel's answer can be read: one int, 0 or a negative error number; its end without one means
/// that the child died.
int clinux_send_detached(int fd, const int *held, int count, const void *bytes, size_t length);

/// Keeps the socket `fd` open in a process of its own until this process has closed the descriptor that is returned, at the latest by
/// ending, and closes it there.
///
/// close(2) of a netfilter socket waits until everything deleted before has been freed (10 ms), and nobody can change rules meanwhile: so the
/// other process closes it a tenth of a second later. Only for a process with a single thread.
int clinux_hold_detached(int fd);

/// 1 if the calling thread has the capability (CAP_NET_ADMIN…) in its effective set, else 0.
int clinux_has_capability(int capability);

/// What a child process starts with.
struct clinux_program {
  const char *path;
  char *const *arguments;
  char *const *environment;
  int input;              ///< becomes file descriptor 0
  int output;             ///< becomes file descriptor 1
  int error;              ///< becomes file descriptor 2
  int network_namespace;  ///< entered before exec, or -1
  int ends_with_parent;   ///< killed when the thread that started it ends
};

/// Starts a program, in a network namespace if one is given. Returns its process ID, or `-errno` of the step that failed, exec included.
int clinux_spawn(const struct clinux_program *program);

/// pidfd_send_signal(2)
int clinux_signal_process(int process, int signal);

/// pipe2(2) with O_CLOEXEC: the reading end first.
int clinux_pipe(int ends[2]);

/// accept4(2) with SOCK_CLOEXEC.
int clinux_accept(int socket);

/// Blocks the `count` signals, and returns a descriptor that is readable when one of them is pending, signalfd(2).
int clinux_signals(const int *signals, int count);

/// Takes a pending signal from such a descriptor, without waiting.
int clinux_next_signal(int descriptor);

/// Gives back the memory of this process that the kernel can read again from the program's own files: its code and constants. For who is going
/// to wait for long; what is needed again comes back by itself.
void clinux_forget_code(void);

/// How a child process ended: its exit status, or 128 + the signal that ended it.
int clinux_wait(pid_t pid);

/// pidfd_open(2): a descriptor of a process that becomes readable when the process has ended.
int clinux_open_process(pid_t pid);

/// Lets an eBPF program decide which devices the processes of a cgroup (version 2, `cgroup` is its folder) may use: bpf(2),
/// BPF_PROG_TYPE_CGROUP_DEVICE. An instruction is a `struct bpf_insn` in one number. The cgroup keeps the program until it is removed.
int clinux_attach_device_program(int cgroup, const uint64_t *instructions, uint32_t count);

/// eventfd(2): a counter that does not block, readable when it is not zero.
int clinux_event_counter(void);

#endif
