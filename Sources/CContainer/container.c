/// The init of a container: the order of everything between clone and the program's start.
#define _GNU_SOURCE
#include "internal.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>

/// Set last, because some belong to interfaces, and those come while the init waits.
static void set_sysctls(const struct cinit_pair *sysctls, int count, int folder) {
  for (int i = 0; i < count; i++) {
    int fd = openat(folder, sysctls[i].name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    size_t length = strlen(sysctls[i].value);
    if (fd < 0 || write(fd, sysctls[i].value, length) != (ssize_t)length) cinit_fail(CINIT_STEP_SYSCTL, i, errno);
    close(fd);
  }
}

static void join_namespaces(const struct cinit_container *container) {
  for (int i = 0; i < container->joined_count; i++)
    if (setns(container->joined[i], 0) < 0) cinit_fail(CINIT_STEP_JOIN, i, errno);
}

/// Becomes root of the user namespace, once the parent has written its mappings.
static void become_root(void) {
  cinit_await_mapping();
  // Forbidden where an ordinary user made the namespace.
  syscall(SYS_setgroups, 0, NULL);
  if (syscall(SYS_setresgid, 0, 0, 0) < 0 || syscall(SYS_setresuid, 0, 0, 0) < 0) cinit_fail(CINIT_STEP_IDENTITY, 0, errno);
}

/// A new network namespace's loopback interface is down.
static void switch_on_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0) cinit_fail(CINIT_STEP_LOOPBACK, 0, errno);
  close(fd);
}

_Noreturn static void run_container(const void *description, int control, int stub) {
  const struct cinit_container *container = description;
  const struct cinit_program *program = &container->program;
  cinit_control = control;
  cinit_enter_cgroups(container->cgroup_tasks, container->cgroup_task_count);
  join_namespaces(container);
  cinit_arrange_descriptors(program, control, stub);
  if (container->namespaces & CLONE_NEWUSER) become_root();
  if (container->namespaces & CLONE_NEWNET) switch_on_loopback();
  setsid();
  umask(0);
  // Only now, because it shows the cgroup that its first process is in as its root.
  if ((container->namespaces & CLONE_NEWCGROUP) && unshare(CLONE_NEWCGROUP) < 0) cinit_fail(CINIT_STEP_NAMESPACE, 0, errno);
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) cinit_fail(CINIT_STEP_PRIVATE, 0, errno);
  int slave = -1, root = cinit_mount_root(container), terminal = cinit_furnish(container, root, &slave), sysctls = -1;
  if (container->sysctl_count > 0) {
    // Through what has been mounted read-only, to what lies below it.
    sysctls = open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (sysctls < 0) cinit_fail(CINIT_STEP_SYSCTL, 0, errno);
  }
  cinit_pivot(root);
  close(root);
  if (container->root_read_only && cinit_set_attributes(AT_FDCWD, "/", 0, MOUNT_ATTR_RDONLY, 0) < 0)
    cinit_fail(CINIT_STEP_ROOT_READ_ONLY, 0, errno);
  if (container->host_name && sethostname(container->host_name, strlen(container->host_name)) < 0)
    cinit_fail(CINIT_STEP_HOST_NAME, 0, errno);
  if (slave >= 0) {
    if (ioctl(slave, TIOCSCTTY, 0) < 0) cinit_fail(CINIT_STEP_TERMINAL, 0, errno);
    cinit_take_terminal(slave);
  }
  cinit_ready(terminal);
  if (terminal >= 0) close(terminal);
  cinit_await_order();
  if (sysctls >= 0) {
    set_sysctls(container->sysctls, container->sysctl_count, sysctls);
    close(sysctls);
  }
  cinit_become(program, program->has_reaper ? (char[]){CINIT_STUB_SERVE, 0} : (char[]){CINIT_STUB_EXECUTE, 0});
}

int cinit_create(const struct cinit_container *container, struct cinit_process *process) {
  struct cinit_birth birth = {
      .run = run_container,
      .description = container,
      .namespaces = container->namespaces & ~(uint64_t)CLONE_NEWCGROUP,
      .cgroup = container->cgroup,
  };
  return cinit_give_birth(&birth, process);
}
