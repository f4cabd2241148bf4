/// Cloning the init, and joining it to what exists.
#define _GNU_SOURCE
#include "internal.h"

#include <sched.h>
#include <signal.h>
#include <sys/socket.h>

/// fork(2) with new namespaces and a pidfd, without what the C library does for its own locks: the child makes only system calls.
static pid_t clone_process(const struct cinit_birth *birth, int *pidfd) {
  struct clone_args arguments = {
      .flags = birth->namespaces | CLONE_PIDFD | CLONE_CLEAR_SIGHAND | (birth->cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
      .pidfd = (uintptr_t)pidfd,
      .exit_signal = SIGCHLD,
      .cgroup = birth->cgroup >= 0 ? (uint64_t)birth->cgroup : 0,
  };
  return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

int cinit_give_birth(const struct cinit_birth *birth, struct cinit_process *process) {
  int ends[2], outcome = 0;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return -errno;
  int stub = cinit_stub_file();
  if (stub < 0) outcome = stub;
  else if ((process->pid = clone_process(birth, &process->pidfd)) == 0) birth->run(birth->description, ends[1], stub);
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
  for (int fd = 0; fd <= 2; fd++)
    if (dup2(slave, fd) < 0) cinit_fail(CINIT_STEP_STREAMS, fd, errno);
  close(slave);
}

/// Enters everything of the container but its PID namespace: that is for the stub's child. Until it is the stub, nobody there sees this process.
_Noreturn static void run_entry(const void *description, int control, int stub) {
  const struct cinit_entry *entry = description;
  int slave = -1, terminal = -1;
  cinit_control = control;
  if (setns(entry->container, entry->namespaces) < 0) cinit_fail(CINIT_STEP_JOIN, 0, errno);
  cinit_enter_cgroups(entry->cgroup_tasks, entry->cgroup_task_count);
  if (entry->joins_users && (syscall(SYS_setresgid, 0, 0, 0) < 0 || syscall(SYS_setresuid, 0, 0, 0) < 0))
    cinit_fail(CINIT_STEP_IDENTITY, 0, errno);
  cinit_arrange_descriptors(&entry->program, control, stub);
  if (entry->program.has_terminal) {
    int devices = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (devices < 0) cinit_fail(CINIT_STEP_TERMINAL, 0, errno);
    terminal = cinit_make_terminal(devices, &entry->program, &slave);
    close(devices);
    cinit_take_terminal(slave);
  }
  cinit_ready(terminal);
  if (terminal >= 0) close(terminal);
  cinit_await_order();
  cinit_become(&entry->program, (char[]){entry->program.has_terminal ? CINIT_STUB_JOIN_TERMINAL : CINIT_STUB_JOIN, 0});
}

int cinit_enter(const struct cinit_entry *entry, struct cinit_process *process) {
  struct cinit_birth birth = {.run = run_entry, .description = entry, .cgroup = entry->cgroup};
  return cinit_give_birth(&birth, process);
}
