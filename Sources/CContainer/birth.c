/// Cloning the init, and joining it to what exists.
#define _GNU_SOURCE
#include "internal.h"

#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

/// fork(2) with new namespaces and a pidfd, without what the C library does for its own locks: the child makes only system calls.
static pid_t clone_process(const struct cinit_birth *birth, uint64_t flags, int *pidfd) {
  struct clone_args arguments = {
      .flags = birth->namespaces | flags | CLONE_PIDFD | CLONE_CLEAR_SIGHAND | (birth->cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
      .pidfd = (uintptr_t)pidfd,
      // A sibling takes the signal of the process that clones.
      .exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD,
      .cgroup = birth->cgroup >= 0 ? (uint64_t)birth->cgroup : 0,
  };
  return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

/// What the process in between needs; it shares the parent's memory and descriptors.
struct passage {
  const struct cinit_birth *birth;
  struct cinit_process *process;
  int control, stub;
  int failure;
};

/// A process changes the PID namespace of its children only. So one in between, of which the parent waits as vfork(2) would, joins the
/// namespaces, and clones the init as its parent's child.
static int pass(void *argument) {
  struct passage *passage = argument;
  const struct cinit_birth *birth = passage->birth;
  if (setns(birth->joined, birth->joined_kinds) < 0) {
    passage->failure = errno;
    _exit(0);
  }
  passage->process->pid = clone_process(birth, CLONE_PARENT, &passage->process->pidfd);
  if (passage->process->pid == 0) birth->run(birth->description, passage->control, passage->stub);
  if (passage->process->pid < 0) passage->failure = errno;
  _exit(0);
}

static int clone_through_passage(const struct cinit_birth *birth, struct cinit_process *process, int control, int stub) {
  static _Thread_local char stack[65536] __attribute__((aligned(16)));
  struct passage passage = {.birth = birth, .process = process, .control = control, .stub = stub};
  sigset_t all, before;
  sigfillset(&all);
  // Whoever is in the container's PID namespace sees the new process at once, and must not reach into it (/proc/PID/exe, /proc/PID/mem).
  int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  // A handler of the parent's must not run in the process in between.
  sigprocmask(SIG_SETMASK, &all, &before);
  pid_t between = clone(pass, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, &passage);
  int failure = between < 0 ? errno : passage.failure, status;
  while (between > 0 && waitpid(between, &status, 0) < 0 && errno == EINTR) {}
  sigprocmask(SIG_SETMASK, &before, NULL);
  if (dumpable == 1) prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  return -failure;
}

int cinit_give_birth(const struct cinit_birth *birth, struct cinit_process *process) {
  int ends[2], outcome = 0;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return -errno;
  int stub = cinit_stub_file();
  if (stub < 0) outcome = stub;
  else if (birth->joined >= 0) outcome = clone_through_passage(birth, process, ends[1], stub);
  else if ((process->pid = clone_process(birth, 0, &process->pidfd)) == 0) birth->run(birth->description, ends[1], stub);
  else if (process->pid < 0) outcome = -errno;
  process->control = ends[0];
  if (stub >= 0) close(stub);
  close(ends[1]);
  if (outcome < 0) close(ends[0]);
  return outcome;
}

/// Writing "0" to `tasks` moves only the calling thread: unlike `cgroup.procs`, without stopping all forks of the machine.
void cinit_enter_cgroups(const int *tasks, int count) {
  for (int i = 0; i < count; i++)
    if (write(tasks[i], "0", 1) < 0) cinit_fail(CINIT_STEP_CGROUP, i, errno);
}

void cinit_take_terminal(int slave) {
  if (ioctl(slave, TIOCSCTTY, 0) < 0) cinit_fail(CINIT_STEP_TERMINAL, 0, errno);
  for (int fd = 0; fd <= 2; fd++)
    if (dup2(slave, fd) < 0) cinit_fail(CINIT_STEP_STREAMS, fd, errno);
  close(slave);
}

_Noreturn static void run_entry(const void *description, int control, int stub) {
  const struct cinit_entry *entry = description;
  int slave = -1, terminal = -1;
  cinit_control = control;
  cinit_enter_cgroups(entry->cgroup_tasks, entry->cgroup_task_count);
  if (entry->joins_users && (syscall(SYS_setresgid, 0, 0, 0) < 0 || syscall(SYS_setresuid, 0, 0, 0) < 0))
    cinit_fail(CINIT_STEP_IDENTITY, 0, errno);
  cinit_arrange_descriptors(&entry->program, control, stub);
  setsid();
  if (entry->program.has_terminal) {
    int devices = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (devices < 0) cinit_fail(CINIT_STEP_TERMINAL, 0, errno);
    terminal = cinit_make_terminal(devices, &entry->program, &slave);
    close(devices);
    cinit_take_terminal(slave);
  }
  cinit_ready(terminal);
  if (terminal >= 0) close(terminal);
  cinit_become(&entry->program, NULL, 0, -1);
}

int cinit_enter(const struct cinit_entry *entry, struct cinit_process *process) {
  struct cinit_birth birth = {
      .run = run_entry,
      .description = entry,
      .cgroup = entry->cgroup,
      .joined = entry->container,
      .joined_kinds = entry->namespaces,
  };
  return cinit_give_birth(&birth, process);
}
