/// The last part of the way: from a furnished container to the container's program.
#define _GNU_SOURCE
#include "internal.h"

#include <limits.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

/// Descriptors that must survive, moved to the numbers that the rest of the init knows.
void cinit_arrange_descriptors(const struct cinit_program *program, int control, int stub) {
  // Copies above everything first, so that no dup2 overwrites one that is still needed.
  int copies[5] = {program->streams[0], program->streams[1], program->streams[2], control, stub};
  int first = program->has_terminal ? 3 : 0;
  for (int i = first; i < 5; i++)
    if ((copies[i] = fcntl(copies[i], F_DUPFD_CLOEXEC, FIRST_FREE)) < 0) cinit_fail(CINIT_STEP_STREAMS, i, errno);
  for (int i = first; i < 5; i++)
    if (dup3(copies[i], i, i == STUB ? O_CLOEXEC : 0) < 0) cinit_fail(CINIT_STEP_STREAMS, i, errno);
  cinit_control = CONTROL;
  if (syscall(SYS_close_range, FIRST_FREE, ~0U, 0) < 0) cinit_fail(CINIT_STEP_STREAMS, FIRST_FREE, errno);
}

static void set_limits(const struct cinit_program *program) {
  for (int i = 0; i < program->limit_count; i++)
    if (setrlimit((unsigned)program->limits[i].resource, &program->limits[i].value) < 0) cinit_fail(CINIT_STEP_LIMIT, i, errno);
  if (!program->has_oom_score) return;
  char text[16];
  int length = snprintf(text, sizeof text, "%d", program->oom_score), fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  // Less than the parent's needs CAP_SYS_RESOURCE; a container without it is better than none.
  if (fd < 0 || (write(fd, text, (size_t)length) < 0 && errno != EACCES)) cinit_fail(CINIT_STEP_OOM_SCORE, 0, errno);
  close(fd);
}

/// The user owns the streams it has been given, or could not open /dev/stdout again; files of the host are left alone.
static void give_streams(const struct cinit_identity *identity) {
  for (int fd = 0; fd <= 2; fd++) {
    struct stat status;
    if (fstat(fd, &status) == 0 && status.st_uid != identity->user && (S_ISFIFO(status.st_mode) || isatty(fd))) {
      // Not possible in a user namespace that does not know the owner: then the program has the stream and cannot open it again.
      (void)!fchown(fd, identity->user, (gid_t)-1);
    }
  }
}

static void add_home(const struct cinit_program *program, const char *home) {
  static char variable[sizeof "HOME=" + PATH_MAX];
  char **place = program->environment;
  while (*place) place++;
  if (snprintf(variable, sizeof variable, "HOME=%s", home) >= (int)sizeof variable) cinit_fail(CINIT_STEP_ENVIRONMENT, 0, ENAMETOOLONG);
  *place = variable;
}

/// Makes a folder and those above it; inside the changed root, where every path is the container's own.
static void make_folders(const char *path) {
  char part[PATH_MAX];
  if (strlen(path) >= sizeof part) return;
  strcpy(part, path);
  for (char *slash = part + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
    *slash = 0;
    mkdir(part, 0755);
  }
  mkdir(part, 0755);
}

static void enter_folder(const struct cinit_program *program) {
  char path[PATH_MAX];
  if (chdir(program->folder) < 0) {
    if (errno != ENOENT || !program->creates_folder) cinit_fail(CINIT_STEP_FOLDER, 0, errno);
    make_folders(program->folder);
    if (chdir(program->folder) < 0) cinit_fail(CINIT_STEP_FOLDER, 0, errno);
  }
  // The C library hides it, but the kernel says "(unreachable)" for a folder that is not below the root (CVE-2024-21626).
  if (syscall(SYS_getcwd, path, sizeof path) < 0) cinit_fail(CINIT_STEP_FOLDER, 0, errno);
  if (path[0] != '/') cinit_fail(CINIT_STEP_FOLDER, 0, EXDEV);
}

static void reset_signals(void) {
  // The kernel's struct sigaction, all zero: SIG_DFL. By system call, because the C library keeps two signals to itself.
  static const char defaults[64];
  for (int number = 1; number <= 64; number++) syscall(SYS_rt_sigaction, number, defaults, NULL, sizeof(uint64_t));
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static void drop_capabilities(const struct cinit_program *program) {
  for (int capability = 0; capability < 64; capability++) {
    if (program->bounding >> capability & 1) continue;
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) continue;
    if (errno == EINVAL) break;
    cinit_fail(CINIT_STEP_CAPABILITIES, capability, errno);
  }
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static void take_credentials(const struct cinit_identity *identity) {
  // By system call: the C library would look for threads.
  if (syscall(SYS_setgroups, identity->group_count, identity->groups) < 0) {
    // A user namespace made by an ordinary user forbids it; then there may be no group but the primary one.
    if (errno != EPERM || identity->group_count > 1) cinit_fail(CINIT_STEP_CREDENTIALS, 0, errno);
  }
  if (syscall(SYS_setresgid, identity->group, identity->group, identity->group) < 0) cinit_fail(CINIT_STEP_CREDENTIALS, 1, errno);
  // Permitted capabilities outlive the change of the user, effective ones do not: the program is looked up as the user.
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || syscall(SYS_setresuid, identity->user, identity->user, identity->user) < 0)
    cinit_fail(CINIT_STEP_CREDENTIALS, 2, errno);
}

/// What execve(2) gives to root follows from the bounding set and the inheritable set, which is empty as docker's is; others get nothing. Until
/// then everything is effective, because installing a filter takes CAP_SYS_ADMIN.
static void raise_capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
  if (syscall(SYS_capget, &header, sets) < 0) cinit_fail(CINIT_STEP_CAPABILITIES, 0, errno);
  for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
    sets[i].effective = sets[i].permitted;
    sets[i].inheritable = 0;
  }
  if (syscall(SYS_capset, &header, sets) < 0) cinit_fail(CINIT_STEP_CAPABILITIES, 0, errno);
}

/// Whether the file could be executed, errno-wise.
static int check_program(const char *path) {
  struct stat status;
  if (stat(path, &status) < 0) return errno;
  if (S_ISDIR(status.st_mode)) return EISDIR;
  return syscall(SYS_faccessat2, AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? errno : 0;
}

/// The path of the program that a command names.
static char *find_program(const struct cinit_program *program) {
  static char found[PATH_MAX];
  char *command = program->arguments[0];
  if (strchr(command, '/')) {
    int failure = check_program(command);
    if (failure) cinit_fail(CINIT_STEP_LOOKUP, 0, failure == ENOTDIR ? ENOENT : failure);
    return command;
  }
  for (const char *folder = program->search_path;;) {
    int length = (int)strcspn(folder, ":");
    int size = snprintf(found, sizeof found, "%.*s%s%s", length, folder, length ? "/" : "./", command);
    if (*command && size < (int)sizeof found && check_program(found) == 0) return found;
    if (!folder[length]) break;
    folder += length + 1;
  }
  cinit_fail(CINIT_STEP_LOOKUP, 1, ENOENT);
}

/// What the parent sends when the program may start.
static struct {
  uint32_t count, flags;
  struct sock_filter filter[BPF_MAXINSNS];
} order;

void cinit_await_order(void) {
  ssize_t count;
  do count = read(CONTROL, &order, sizeof order);
  while (count < 0 && errno == EINTR);
  if (count <= 0) _exit(126);
  if ((size_t)count != 2 * sizeof(uint32_t) + order.count * sizeof *order.filter) cinit_fail(CINIT_STEP_PARENT, 0, EBADMSG);
}

static void install_filter(const struct cinit_program *program) {
  if (program->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) cinit_fail(CINIT_STEP_FILTER, 0, errno);
  if (order.count == 0) return;
  struct sock_fprog filter = {.len = (unsigned short)order.count, .filter = order.filter};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, order.flags, &filter) < 0) cinit_fail(CINIT_STEP_FILTER, 0, errno);
}

/// Has the kernel kill this process when its parent ends; a parent that has ended before is known by its end of the socket.
static void end_with_parent(void) {
  char nothing;
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (recv(CONTROL, &nothing, 1, MSG_PEEK | MSG_DONTWAIT) == 0) _exit(126);
}

_Noreturn void cinit_become(const struct cinit_program *program, const char *task) {
  static struct cinit_identity identity;
  static char *arguments[65536];
  int count = 0;
  set_limits(program);
  cinit_find_identity(program, &identity);
  if (program->adds_home) add_home(program, identity.home);
  give_streams(&identity);
  umask(0022);
  enter_folder(program);
  umask(program->umask);
  reset_signals();
  drop_capabilities(program);
  take_credentials(&identity);
  arguments[count++] = (char *)task;
  arguments[count++] = find_program(program);
  for (char *const *argument = program->arguments; *argument; argument++) {
    if (count == sizeof arguments / sizeof *arguments - 1) cinit_fail(CINIT_STEP_STUB, 0, E2BIG);
    arguments[count++] = *argument;
  }
  raise_capabilities();
  if (program->ends_with_parent) end_with_parent();
  install_filter(program);
  syscall(SYS_execveat, STUB, "", arguments, program->environment, AT_EMPTY_PATH);
  cinit_fail(CINIT_STEP_STUB, 0, errno);
}
