#define _GNU_SOURCE
#include "CImages.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
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

/// Mounts folders and files of the machine on what is there in the open folder `root`, symbolic links followed as a container would.
static int bind_inside(int root, const struct cimages_binding *bindings, int count) {
  for (int i = 0; i < count; i++) {
    char place[32];
    int target = open_inside(root, bindings[i].target);
    if (target < 0) return target;
    snprintf(place, sizeof place, "/proc/self/fd/%d", target);
    int result = outcome(mount(bindings[i].source, place, NULL, MS_BIND | MS_REC, NULL));
    close(target);
    if (result < 0) return result;
  }
  return 0;
}

static int mount_root(const struct cimages_layers *layers, const struct cimages_binding *bindings, int count) {
  // What is mounted must not show at home. The layers are opened here too: overlay takes them from its own namespace only.
  int result = outcome(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  if (result == 0 && layers->count > 0) result = mount_layers(layers->lower, layers->count, layers->upper, layers->work, layers->options);
  else if (result == 0) result = outcome(mount(layers->upper, layers->upper, NULL, MS_BIND | MS_REC, NULL));
  if (result < 0) return result;
  int root = outcome(open(layers->upper, O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (root < 0) return root;
  result = bind_inside(root, bindings, count);
  close(root);
  if (result < 0) return result;
  return outcome((int)syscall(SYS_open_tree, AT_FDCWD, layers->upper, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
}

int cimages_open_root(const struct cimages_layers *layers, const struct cimages_binding *bindings, int count) {
  int home = open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC), folder = open(".", O_PATH | O_CLOEXEC), result;
  if (home < 0 || folder < 0 || unshare(CLONE_NEWNS) < 0) {
    result = -errno;
  } else {
    result = mount_root(layers, bindings, count);
    if (setns(home, CLONE_NEWNS) < 0 || fchdir(folder) < 0) {
      int failure = -errno;
      if (result >= 0) close(result);
      result = failure;
    }
  }
  if (home >= 0) close(home);
  if (folder >= 0) close(folder);
  return result;
}

