/// Mounts for a container in a user namespace, made by its parent, who has the privilege for them.
#define _GNU_SOURCE
#include "internal.h"

#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/wait.h>

#ifndef MOUNT_ATTR_IDMAP
#define MOUNT_ATTR_IDMAP 0x00100000
#endif

int cinit_clone_mount(const char *path, uint64_t attributes, int recursive) {
  unsigned below = recursive ? AT_RECURSIVE : 0;
  int tree = cinit_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | below);
  if (tree < 0) return -errno;
  if (!attributes || cinit_set_attributes(tree, "", AT_EMPTY_PATH | below, attributes, 0) == 0) return tree;
  int failure = errno;
  close(tree);
  return -failure;
}

int cinit_map_mount(int mount, int users) {
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)users};
  return cinit_outcome(syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &attributes, sizeof attributes));
}

/// What the process that mounts needs; it shares the parent's memory and descriptors.
struct work {
  const struct cinit_container *container;
  int users;
  uid_t user;
  gid_t group;
  int outcome;  ///< the mount's descriptor, or -errno
};

/// A clone of the mount of a folder, with mapped users, mounted on nothing.
static int map_folder(const char *path, int users) {
  int tree = cinit_clone_mount(path, 0, 0);
  int outcome = tree < 0 ? tree : cinit_map_mount(tree, users);
  if (outcome >= 0) return tree;
  if (tree >= 0) close(tree);
  return outcome;
}

/// Mounts `source` with mapped users on the new folder `number` of the working directory; returns a descriptor of it.
static int map_layer(const char *source, int number, int users) {
  char name[16];
  snprintf(name, sizeof name, "%d", number);
  int tree = mkdir(name, 0700) < 0 ? -errno : map_folder(source, users);
  if (tree >= 0 && syscall(SYS_move_mount, tree, "", AT_FDCWD, name, MOVE_MOUNT_F_EMPTY_PATH) < 0) {
    int failure = errno;
    close(tree);
    return -failure;
  }
  return tree;
}

/// The name of a path's last component, and the folder that it lies in.
static const char *split(const char *path, char *folder) {
  const char *slash = strrchr(path, '/');
  size_t length = slash ? (size_t)(slash - path) : 0;
  if (!slash || slash[1] == 0 || length >= PATH_MAX) return NULL;
  memcpy(folder, path, length);
  folder[length] = 0;
  return slash + 1;
}

static int mount_layers(const struct cinit_container *container, int users, int *layers, int *count) {
  static char options[4096];
  char folder[PATH_MAX], other[PATH_MAX];
  const char *upper = split(container->upper, folder), *work = split(container->work, other);
  // The kernel wants both on one mount, and each mapping is one.
  if (!upper || !work || strcmp(folder, other) != 0) return -EXDEV;
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return -errno;
  if (mount("tmpfs", container->mount_point, "tmpfs", 0, "mode=700") < 0 || chdir(container->mount_point) < 0) return -errno;
  for (int i = 0; i < container->lower_count; i++) {
    if ((layers[*count] = map_layer(container->lower[i], i, users)) < 0) return layers[*count];
    ++*count;
  }
  int changes = map_layer(folder, container->lower_count, users);
  if (changes < 0) return changes;
  layers[(*count)++] = changes;
  int upper_layer = openat(changes, upper, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (upper_layer < 0) return -errno;
  layers[(*count)++] = upper_layer;
  int work_layer = openat(changes, work, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (work_layer < 0) return -errno;
  layers[(*count)++] = work_layer;
  int outcome = cinit_overlay_options(
      options, sizeof options, layers, container->lower_count, upper_layer, work_layer, container->temporary);
  if (outcome < 0) return outcome;
  if (mount("overlay", container->mount_point, "overlay", 0, options) < 0) return -errno;
  return cinit_clone_mount(container->mount_point, 0, 0);
}

/// The overlay does what it does for itself as the one who mounted it. On a mount with mapped users, who is not in the mapping can create
/// nothing: so that must be the namespace's root, with the capabilities of the host's.
static int take_owner(const struct work *work) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
  setfsgid(work->group);
  setfsuid(work->user);
  if (syscall(SYS_capget, &header, sets) < 0) return -errno;
  for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) sets[i].effective = sets[i].permitted;
  return syscall(SYS_capset, &header, sets) < 0 ? -errno : 0;
}

static int mount_in_private(void *argument) {
  struct work *work = argument;
  int layers[512], count = 0;
  work->outcome = take_owner(work);
  if (work->outcome < 0) _exit(0);
  work->outcome = work->container->lower_count > 500 ? -E2BIG : mount_layers(work->container, work->users, layers, &count);
  while (count > 0) close(layers[--count]);
  _exit(0);
}

int cinit_mount_mapped(const struct cinit_container *container, int users, uid_t user, gid_t group) {
  if (container->lower_count == 0) return map_folder(container->upper, users);
  static _Thread_local char stack[65536] __attribute__((aligned(16)));
  struct work work = {.container = container, .users = users, .user = user, .group = group, .outcome = -EIO};
  sigset_t all, before;
  sigfillset(&all);
  // Like vfork(2): the parent waits, and its handlers must not run in the child.
  sigprocmask(SIG_SETMASK, &all, &before);
  pid_t child = clone(mount_in_private, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_NEWNS | SIGCHLD, &work);
  int failure = child < 0 ? errno : 0, status;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  sigprocmask(SIG_SETMASK, &before, NULL);
  return failure ? -failure : work.outcome;
}
