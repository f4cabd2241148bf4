#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/membarrier.h>
#include <linux/nsfs.h>
#include <link.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

static int outcome(long result) { return result < 0 ? -errno : (int)result; }

int clinux_enter_network_namespace(int fd) { return outcome(setns(fd, CLONE_NEWNET)); }

int clinux_enter_namespace(int fd, int kind) { return outcome(setns(fd, kind)); }

int clinux_unshare(int namespaces) { return outcome(unshare(namespaces)); }

int clinux_is_network_namespace(int fd) { return ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET; }

const int clinux_o_path = O_PATH, clinux_o_tmpfile = O_TMPFILE, clinux_at_empty_path = AT_EMPTY_PATH;
const int clinux_seek_data = SEEK_DATA, clinux_seek_hole = SEEK_HOLE;

int clinux_open(int dir, const char *path, int flags, mode_t mode) {
  int fd;
  do fd = openat(dir, path, flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  return outcome(fd);
}

int clinux_open_resolving(int dir, const char *path, int flags, mode_t mode, uint64_t resolve) {
  // A mode is accepted only with flags that can create a file.
  int creates = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
  struct open_how how = {.flags = (uint64_t)(flags | O_CLOEXEC), .mode = creates ? mode : 0, .resolve = resolve};
  int fd;
  // With RESOLVE_BENEATH and RESOLVE_IN_ROOT, EAGAIN means that something was renamed meanwhile.
  do fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
  while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  return outcome(fd);
}

int clinux_link_unnamed(int fd, int dir, const char *path) {
  char source[32];
  snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
  return outcome(linkat(AT_FDCWD, source, dir, path, AT_SYMLINK_FOLLOW));
}

int clinux_rename_exclusive(int dir, const char *from, const char *to) {
  return outcome(syscall(SYS_renameat2, dir, from, dir, to, RENAME_NOREPLACE));
}

int clinux_open_standard_descriptors(void) {
  for (int fd = 0; fd <= 2; fd++)
    // The lowest free descriptor is the one that is closed.
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0) return -errno;
  return 0;
}

int clinux_unnamed_file(const char *label) { return outcome(memfd_create(label, MFD_CLOEXEC)); }

int clinux_has_capability(int capability) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
  if (syscall(SYS_capget, &header, sets) < 0) return -errno;
  return sets[capability / 32].effective >> (capability % 32) & 1;
}

// Errands: work that goes on after the plugin has ended, in a process that shares the memory (as after vfork(2), copying it would cost more
// than everything else here) but not the descriptors. Errno is in the shared memory too, so an errand makes its system calls by hand.

static long call(long number, long a, long b, long c, long d, long e, long f) {
#if defined __x86_64__
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  __asm__ volatile("syscall" : "+a"(number) : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return number;
#elif defined __aarch64__
  register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c, x3 __asm__("x3") = d,
                x4 __asm__("x4") = e, x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
#else
#error "system calls of this processor are not written down here"
#endif
}

enum { errand_memory = 32768, longest_request = 4096 };

/// What an errand needs; lies at the low end of its memory, with its stack above.
struct errand {
  int socket, pipe, held[3], held_count;
  size_t length;
  char request[longest_request];
};

static int is_kept(const struct errand *errand, int fd) {
  for (int i = 0; i < errand->held_count; i++)
    if (errand->held[i] == fd) return 1;
  return fd == errand->socket || fd == errand->pipe;
}

/// Leaves the plugin's session, folder and descriptors. A plugin that has ended reads no answer: writing one must not end the errand.
static void set_out(const struct errand *errand) {
  unsigned long long pipes = 1ULL << (SIGPIPE - 1);
  call(SYS_rt_sigprocmask, SIG_BLOCK, (long)&pipes, 0, sizeof pipes, 0, 0);
  call(SYS_setsid, 0, 0, 0, 0, 0, 0);
  call(SYS_chdir, (long)"/", 0, 0, 0, 0, 0);
  int highest = errand->socket > errand->pipe ? errand->socket : errand->pipe;
  for (int i = 0; i < errand->held_count; i++)
    if (errand->held[i] > highest) highest = errand->held[i];
  for (int fd = 0; fd < highest; fd++)
    if (!is_kept(errand, fd)) call(SYS_close, fd, 0, 0, 0, 0, 0);
  call(SYS_close_range, highest + 1, ~0U, 0, 0, 0, 0);
}

/// Ends a process that closes netfilter sockets by that. Until the kernel has freed what was deleted, one RCU grace period after it began to,
/// such a close() waits, and holds the lock that every nftables transaction of the namespace needs. Waiting for two grace periods first holds
/// nothing.
static int end_after_grace_periods(void) {
  for (int i = 0; i < 2; i++) call(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0, 0, 0, 0);
  return 0;
}

/// Sends the request and waits for its acknowledgement, also on a socket that does not block.
static int ask(const struct errand *errand) {
  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
    char rest[4096];
  } answer;
  long count = call(SYS_sendto, errand->socket, (long)errand->request, (long)errand->length, 0, 0, 0);
  while (count >= 0 || count == -EAGAIN || count == -EINTR) {
    struct pollfd wait = {.fd = errand->socket, .events = POLLIN};
    if (count == -EAGAIN) call(SYS_ppoll, (long)&wait, 1, 0, 0, 0, 0);
    count = call(SYS_recvfrom, errand->socket, (long)&answer, sizeof answer, 0, 0, 0);
    if (count >= (long)NLMSG_LENGTH(sizeof(int)) && answer.header.nlmsg_type == NLMSG_ERROR) return answer.error.error;
  }
  return (int)count;
}

static int send_and_report(void *memory) {
  const struct errand *errand = memory;
  set_out(errand);
  int answer = ask(errand);
  call(SYS_write, errand->pipe, (long)&answer, sizeof answer, 0, 0, 0);
  return end_after_grace_periods();
}

static int hold_until_end(void *memory) {
  const struct errand *errand = memory;
  char nothing;
  set_out(errand);
  while (call(SYS_read, errand->pipe, (long)&nothing, 1, 0, 0, 0) == -EINTR) {}
  return end_after_grace_periods();
}

/// Sends an errand on its way. It keeps the end `kept` of a new pipe; the other end is returned.
static int send_out(int (*body)(void *), struct errand description, const void *request, int kept) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
  struct errand *errand = mmap(NULL, errand_memory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pid_t pid = -1;
  if (errand != MAP_FAILED) {
    description.pipe = ends[kept];
    memcpy(errand, &description, offsetof(struct errand, request));
    memcpy(errand->request, request, description.length);
    // The memory is given back with the rest, when the last of the two has ended.
    pid = clone(body, (char *)errand + errand_memory, CLONE_VM | SIGCHLD, errand);
  }
  int failure = pid < 0 ? errno : 0;
  close(ends[kept]);
  if (!failure) return ends[!kept];
  close(ends[!kept]);
  return -failure;
}

int clinux_hold_detached(int fd) { return send_out(hold_until_end, (struct errand){.socket = fd}, "", 0); }

int clinux_send_detached(int fd, const int *held, int count, const void *bytes, size_t length) {
  struct errand errand = {.socket = fd, .held_count = count, .length = length};
  if (count > 3 || length > longest_request) return -EINVAL;
  memcpy(errand.held, held, (size_t)count * sizeof *held);
  return send_out(send_and_report, errand, bytes, 1);
}

static int move_to(int fd, int target) {
  if (fd == target) return fcntl(fd, F_SETFD, 0);
  return dup2(fd, target);
}

/// What a child works with until its exec.
struct launch {
  const struct clinux_program *program;
  pid_t parent;
  volatile int failure;
};

/// No handler of the parent's may run in the child, whose memory is the parent's.
static void forget_handlers(void) {
  struct sigaction action, standard = {.sa_handler = SIG_DFL};
  for (int signal = 1; signal < NSIG; signal++)
    if (sigaction(signal, NULL, &action) == 0 && action.sa_handler != SIG_IGN && action.sa_handler != SIG_DFL) sigaction(signal, &standard, NULL);
  sigaction(SIGPIPE, &standard, NULL);
}

/// Runs in the child until exec; tells what fails.
static int start(void *memory) {
  struct launch *launch = memory;
  const struct clinux_program *program = launch->program;
  sigset_t none;
  // The parent may have ended before it could be told to take us along.
  if (program->ends_with_parent && (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != launch->parent)) return 126;
  forget_handlers();
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  // Copies above the standard descriptors first, so that no dup2 overwrites one that is still needed.
  int input = fcntl(program->input, F_DUPFD_CLOEXEC, 3), output = fcntl(program->output, F_DUPFD_CLOEXEC, 3),
      error = fcntl(program->error, F_DUPFD_CLOEXEC, 3);
  if (input >= 0 && output >= 0 && error >= 0 && move_to(input, 0) >= 0 && move_to(output, 1) >= 0 && move_to(error, 2) >= 0 &&
      (program->network_namespace < 0 || setns(program->network_namespace, CLONE_NEWNET) == 0))
    execve(program->path, program->arguments, program->environment);
  launch->failure = errno;
  return 127;
}

// The child borrows the parent's memory until its exec, and the thread waits for that long: to copy the tables of a large process takes
// milliseconds, and stops all its threads.
int clinux_spawn(const struct clinux_program *program) {
  _Alignas(16) char stack[16384];
  struct launch launch = {.program = program, .parent = getpid()};
  sigset_t all, previous;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &previous);
  pid_t pid = clone(start, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &launch);
  int failure = pid < 0 ? errno : launch.failure;
  pthread_sigmask(SIG_SETMASK, &previous, NULL);
  if (pid > 0 && failure) clinux_wait(pid);
  return failure ? -failure : pid;
}

int clinux_signal_process(int process, int signal) { return outcome(syscall(SYS_pidfd_send_signal, process, signal, NULL, 0)); }

int clinux_pipe(int ends[2]) { return outcome(pipe2(ends, O_CLOEXEC)); }

int clinux_accept(int socket) { return outcome(accept4(socket, NULL, NULL, SOCK_CLOEXEC)); }

int clinux_signals(const int *signals, int count) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
  if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) return -errno;
  return outcome(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

int clinux_next_signal(int descriptor) {
  struct signalfd_siginfo information;
  return read(descriptor, &information, sizeof information) < 0 ? -errno : (int)information.ssi_signo;
}

/// Only what is never written: a page that has been changed, if only by the loader, would come back unchanged.
static int forget_segments(struct dl_phdr_info *object, size_t size, void *nothing) {
  (void)size, (void)nothing;
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE) - 1;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = object->dlpi_phdr + i;
    if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
    uintptr_t start = ((uintptr_t)object->dlpi_addr + segment->p_vaddr) & ~page;
    uintptr_t end = (uintptr_t)object->dlpi_addr + segment->p_vaddr + segment->p_memsz;
    madvise((void *)start, end - start, MADV_DONTNEED);
  }
  return 0;
}

void clinux_forget_code(void) { dl_iterate_phdr(forget_segments, NULL); }

int clinux_wait(pid_t pid) {
  int status;
  pid_t ended;
  do ended = waitpid(pid, &status, 0);
  while (ended < 0 && errno == EINTR);
  if (ended < 0) return -errno;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int clinux_open_process(pid_t pid) { return outcome(syscall(SYS_pidfd_open, pid, 0)); }

int clinux_attach_device_program(int cgroup, const uint64_t *instructions, uint32_t count) {
  union bpf_attr load = {
      .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
      .insns = (uintptr_t)instructions,
      .insn_cnt = count,
      .license = (uintptr_t) "Apache-2.0",
  };
  int program = outcome(syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load));
  if (program < 0) return program;
  union bpf_attr attach = {
      .target_fd = cgroup,
      .attach_bpf_fd = program,
      .attach_type = BPF_CGROUP_DEVICE,
      .attach_flags = BPF_F_ALLOW_MULTI,
  };
  int result = outcome(syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach));
  close(program);
  return result;
}

int clinux_event_counter(void) { return outcome(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

// `make build` has the linker put this in place of the function of Swift's library of this name, which looks for the program that prints a
// crashing process's stack: nine system calls at the start of every process, for something that a plugin does not have.
const char *__wrap_swift_copyAuxiliaryExecutablePath(const char *name);

const char *__wrap_swift_copyAuxiliaryExecutablePath(const char *name) {
  (void)name;
  return NULL;
}
