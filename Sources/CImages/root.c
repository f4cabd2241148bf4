#define _GNU_SOURCE
#include "CImages.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int outcome(int result) { return result < 0 ? -errno : result; }

/// Adds `name`, and the short path of a folder that is opened, to the options of a mount; the folder stays open. A page is all that mount(2) reads.
static int add_folder(char *options, size_t size, const char *name, const char *path) {
  int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return -errno;
  size_t length = strlen(options);
  int added = snprintf(options + length, size - length, "%s/proc/self/fd/%d", name, fd);
  if ((size_t)added < size - length) return fd;
  close(fd);
  return -E2BIG;
}

static int mount_layers(const char *const *lower, int count, const char *upper, const char *work, const char *more) {
  char options[4096] = "";
  int folders[512], opened = 0, result = count > 500 ? -E2BIG : 0;
  for (int i = 0; i < count && result >= 0; i++)
    if ((result = add_folder(options, sizeof options, i ? ":" : "lowerdir=", lower[i])) >= 0) folders[opened++] = result;
  if (result >= 0 && (result = add_folder(options, sizeof options, ",upperdir=", upper)) >= 0) folders[opened++] = result;
  if (result >= 0 && (result = add_folder(options, sizeof options, ",workdir=", work)) >= 0) folders[opened++] = result;
  if (result >= 0 && strlen(options) + strlen(more) >= sizeof options) result = -E2BIG;
  if (result >= 0) result = mount("overlay", upper, "overlay", 0, strcat(options, more)) < 0 ? -errno : 0;
  while (opened > 0) close(folders[--opened]);
  return result;
}

/// Opens a path as a container would whose root is the open folder.
static int open_inside(int root, const char *path) {
  struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
  int fd;
  do fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
  while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  return outcome(fd);
}

static int make_read_only(int root, const char *path) {
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
  int place = open_inside(root, path);
  if (place < 0) return place;
  int result = outcome((int)syscall(SYS_mount_setattr, place, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes));
  close(place);
  return result;
}

/// Mounts folders and files of the machine on what is there in the open folder `root`, symbolic links followed as a container would.
static int bind_inside(int root, const struct cimages_binding *bindings, int count) {
  for (int i = 0; i < count; i++) {
    char place[32];
    int target = open_inside(root, bindings[i].target);
    if (target < 0) return target;
    snprintf(place, sizeof place, "/proc/self/fd/%d", target);
    int result = outcome(mount(bindings[i].source, place, NULL, MS_BIND | MS_REC, NULL));
    close(target);
    if (result == 0 && bindings[i].read_only) result = make_read_only(root, bindings[i].target);
    if (result < 0) return result;
  }
  return 0;
}

/// What the process that mounts needs; it shares the parent's memory and descriptors.
struct work {
  const struct cimages_layers *layers;
  const struct cimages_binding *bindings;
  int count;
  uid_t user;
  gid_t group;
  int is_ordinary;
  int result;
};

static int mount_root(const struct work *work) {
  const struct cimages_layers *layers = work->layers;
  int result = outcome(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  if (result == 0 && layers->count > 0) result = mount_layers(layers->lower, layers->count, layers->upper, layers->work, layers->options);
  else if (result == 0) result = outcome(mount(layers->upper, layers->upper, NULL, MS_BIND | MS_REC, NULL));
  if (result < 0) return result;
  int root = outcome(open(layers->upper, O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (root < 0) return root;
  result = bind_inside(root, work->bindings, work->count);
  close(root);
  if (result < 0) return result;
  return outcome((int)syscall(SYS_open_tree, AT_FDCWD, layers->upper, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
}

static int write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  int result = write(fd, text, strlen(text)) < 0 ? -errno : 0;
  close(fd);
  return result;
}

/// An ordinary user becomes root of the new user namespace, where there is nobody else.
static int become_root(uid_t user, gid_t group) {
  char map[32];
  int result = write_file("/proc/self/setgroups", "deny");
  snprintf(map, sizeof map, "0 %u 1", group);
  if (result == 0) result = write_file("/proc/self/gid_map", map);
  snprintf(map, sizeof map, "0 %u 1", user);
  return result == 0 ? write_file("/proc/self/uid_map", map) : result;
}

static int mount_in_private(void *argument) {
  struct work *work = argument;
  work->result = work->is_ordinary ? become_root(work->user, work->group) : 0;
  if (work->result == 0) work->result = mount_root(work);
  _exit(0);
}

int cimages_open_root(const struct cimages_layers *layers, const struct cimages_binding *bindings, int count) {
  static _Thread_local char stack[65536] __attribute__((aligned(16)));
  struct work work = {layers, bindings, count, geteuid(), getegid(), geteuid() != 0, -EIO};
  sigset_t all, before;
  sigfillset(&all);
  // Like vfork(2): the parent waits, and its handlers must not run in the child.
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int flags = CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_NEWNS | (work.is_ordinary ? CLONE_NEWUSER : 0);
  pid_t child = clone(mount_in_private, stack + sizeof stack, flags | SIGCHLD, &work);
  int failure = child < 0 ? errno : 0, status;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return failure ? -failure : work.result;
}
