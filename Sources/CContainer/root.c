/// The container's root file system and everything mounted in it.
#define _GNU_SOURCE
#include "internal.h"

#include <limits.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

/// The place of an open file for calls that want a path; works as long as the host's /proc is there.
static const char *path_of(int fd, char *buffer, size_t size) {
  snprintf(buffer, size, "/proc/self/fd/%d", fd);
  return buffer;
}

static int open_layer(const char *path, int index) {
  int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) cinit_fail(CINIT_STEP_LAYER, index, errno);
  return fd;
}

int cinit_overlay_options(char *options, size_t size, const int *lower, int lower_count, int upper, int work, int is_temporary) {
  // By descriptors: short, so that 128 layers fit in the page that mount(2) reads, and free of the commas and colons that paths may contain.
  size_t length = (size_t)snprintf(options, size, "lowerdir=");
  for (int i = 0; i < lower_count && length < size; i++)
    length += (size_t)snprintf(options + length, size - length, "%s/proc/self/fd/%d", i ? ":" : "", lower[i]);
  if (upper >= 0 && length < size)
    length += (size_t)snprintf(options + length, size - length, ",upperdir=/proc/self/fd/%d,workdir=/proc/self/fd/%d", upper, work);
  if (upper >= 0 && is_temporary && length < size) length += (size_t)snprintf(options + length, size - length, ",volatile");
  return length < size ? 0 : -E2BIG;
}

static void mount_overlay(const struct cinit_container *container) {
  static char options[4096];
  int layers[512], count = 0, upper = -1, work = -1;
  if (container->lower_count > 500) cinit_fail(CINIT_STEP_ROOT, 0, E2BIG);
  for (int i = 0; i < container->lower_count; i++) layers[count++] = open_layer(container->lower[i], i);
  if (container->upper) {
    upper = layers[count++] = open_layer(container->upper, container->lower_count);
    work = layers[count++] = open_layer(container->work, container->lower_count + 1);
  }
  const char *notes = container->user_attributes ? ",userxattr" : "";
  size_t room = sizeof options - strlen(notes);
  int outcome = cinit_overlay_options(options, room, layers, container->lower_count, upper, work, container->temporary);
  if (outcome < 0) cinit_fail(CINIT_STEP_ROOT, 0, -outcome);
  strcat(options, notes);
  if (mount("overlay", container->mount_point, "overlay", 0, options) < 0) cinit_fail(CINIT_STEP_ROOT, 0, errno);
  while (count > 0) close(layers[--count]);
}

/// Attaches the root that the parent has sent. It may lie where the namespace's root has no right to go; then any folder of the host's will do,
/// because it is left behind at once.
static const char *attach_sent_root(const struct cinit_container *container) {
  const char *places[] = {container->mount_point ? container->mount_point : container->upper, "/mnt", "/media", "/srv", "/opt", "/tmp"};
  int tree = cinit_next_sent();
  if (tree < 0) cinit_fail(CINIT_STEP_ROOT, 0, -tree);
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    if (syscall(SYS_move_mount, tree, "", AT_FDCWD, places[i], MOVE_MOUNT_F_EMPTY_PATH) < 0) continue;
    close(tree);
    return places[i];
  }
  cinit_fail(CINIT_STEP_ROOT, 0, errno);
}

int cinit_mount_root(const struct cinit_container *container) {
  const char *root = container->upper;
  if (container->root_sent) {
    root = attach_sent_root(container);
  } else if (container->lower_count > 0) {
    mount_overlay(container);
    root = container->mount_point;
  } else if (mount(root, root, NULL, MS_BIND | MS_REC, NULL) < 0) {
    cinit_fail(CINIT_STEP_ROOT, 0, errno);
  }
  int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) cinit_fail(CINIT_STEP_ROOT, 0, errno);
  return fd;
}

int cinit_bind(int source, const char *path, int target, uint64_t attributes, int recursive) {
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  int tree = cinit_open_tree(source, path, flags);
  if (tree < 0) return -errno;
  int outcome = 0;
  if (attributes && cinit_set_attributes(tree, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), attributes, 0) < 0) outcome = -errno;
  if (outcome == 0 && cinit_move_mount(tree, target) < 0) outcome = -errno;
  close(tree);
  return outcome;
}

/// Refuses targets inside a proc file system: what is mounted there could make security measures ineffective (CVE-2019-16884, CVE-2023-27561).
static void refuse_proc(int target, int index) {
  struct statfs status;
  if (fstatfs(target, &status) == 0 && status.f_type == PROC_SUPER_MAGIC) cinit_fail(CINIT_STEP_PROC_TARGET, index, EPERM);
}

static void bind_on(const struct cinit_mount *mount, const char *source, int root, int index) {
  int tree = mount->sent ? cinit_next_sent() : open(source, O_PATH | O_CLOEXEC);
  struct stat status;
  if (tree < 0 && mount->optional) return;
  if (tree < 0 || fstat(tree, &status) < 0) cinit_fail(CINIT_STEP_SOURCE, index, errno);
  int target = cinit_make_inside(root, mount->target, S_ISDIR(status.st_mode));
  if (target < 0) cinit_fail(CINIT_STEP_TARGET, index, -target);
  refuse_proc(target, index);
  int outcome = mount->sent ? cinit_outcome(cinit_move_mount(tree, target))
                            : cinit_bind(tree, "", target, mount->attributes, mount->recursive);
  if (outcome < 0 && !mount->optional) cinit_fail(CINIT_STEP_MOUNT, index, -outcome);
  close(target);
  close(tree);
}

/// mount(2)'s words for MOUNT_ATTR_….
static unsigned long flags_of(uint64_t attributes) {
  return (attributes & MOUNT_ATTR_RDONLY ? MS_RDONLY : 0) | (attributes & MOUNT_ATTR_NOSUID ? MS_NOSUID : 0) |
         (attributes & MOUNT_ATTR_NODEV ? MS_NODEV : 0) | (attributes & MOUNT_ATTR_NOEXEC ? MS_NOEXEC : 0) |
         (attributes & MOUNT_ATTR_STRICTATIME ? MS_STRICTATIME : 0);
}

static void mount_new(const struct cinit_mount *mount_, int root, int index) {
  char place[32];
  int target = cinit_make_inside(root, mount_->target, 1);
  if (target < 0) cinit_fail(CINIT_STEP_TARGET, index, -target);
  if (strcmp(mount_->type, "proc") != 0) refuse_proc(target, index);
  int outcome = mount(mount_->source, path_of(target, place, sizeof place), mount_->type, flags_of(mount_->attributes), mount_->options);
  int failure = errno;
  close(target);
  if (outcome == 0) return;
  if (failure == EPERM && mount_->fallback) bind_on(mount_, mount_->fallback, root, index);
  else if (!mount_->optional) cinit_fail(CINIT_STEP_MOUNT, index, failure);
}

/// Makes the device, or binds the host's where a user namespace forbids to make one.
static void make_device(const struct cinit_device *device, int root, int index) {
  const char *name = strrchr(device->path, '/');
  char folder[PATH_MAX];
  size_t length = name ? (size_t)(name - device->path) : 0;
  if (!name || length >= sizeof folder) cinit_fail(CINIT_STEP_DEVICE, index, EINVAL);
  memcpy(folder, device->path, length);
  folder[length] = 0;
  int place = cinit_make_inside(root, length ? folder : "/", 1);
  if (place < 0) cinit_fail(CINIT_STEP_DEVICE, index, -place);
  if (mknodat(place, name + 1, device->mode, makedev(device->major, device->minor)) == 0) {
    if ((device->user || device->group) && fchownat(place, name + 1, device->user, device->group, AT_SYMLINK_NOFOLLOW) < 0)
      cinit_fail(CINIT_STEP_DEVICE, index, errno);
  } else if (errno == EPERM) {
    int target = cinit_make_inside(root, device->path, 0);
    int outcome = target < 0 ? target : cinit_bind(AT_FDCWD, device->path, target, 0, 0);
    if (outcome < 0) cinit_fail(CINIT_STEP_DEVICE, index, -outcome);
    close(target);
  } else if (errno != EEXIST) {
    cinit_fail(CINIT_STEP_DEVICE, index, errno);
  }
  close(place);
}

static void make_link(const struct cinit_pair *link, int devices, int index) {
  if (symlinkat(link->value, devices, link->name) < 0 && errno != EEXIST) cinit_fail(CINIT_STEP_LINK, index, errno);
}

/// Hides a file behind /dev/null and a folder behind an empty one.
static void mask(const char *path, int root, int index) {
  char place[32];
  struct stat status;
  int target = cinit_open_inside(root, path, O_PATH);
  if (target == -ENOENT || target == -ENOTDIR) return;
  if (target < 0 || fstat(target, &status) < 0) cinit_fail(CINIT_STEP_MASK, index, target < 0 ? -target : errno);
  int outcome = S_ISDIR(status.st_mode)
                    ? cinit_outcome(mount("tmpfs", path_of(target, place, sizeof place), "tmpfs", MS_RDONLY, "nr_blocks=1,nr_inodes=1"))
                    : cinit_bind(AT_FDCWD, "/dev/null", target, 0, 0);
  if (outcome < 0) cinit_fail(CINIT_STEP_MASK, index, -outcome);
  close(target);
}

static void make_read_only(const char *path, int root, int index) {
  int target = cinit_open_inside(root, path, O_PATH);
  if (target == -ENOENT || target == -ENOTDIR) return;
  int outcome = target < 0 ? target : 0;
  // What is not the root of a mount becomes one.
  if (outcome == 0 && cinit_set_attributes(target, "", AT_EMPTY_PATH, MOUNT_ATTR_RDONLY, 0) < 0)
    outcome = errno == EINVAL ? cinit_bind(target, "", target, MOUNT_ATTR_RDONLY, 1) : -errno;
  if (outcome < 0) cinit_fail(CINIT_STEP_READ_ONLY, index, -outcome);
  close(target);
}

int cinit_furnish(const struct cinit_container *container, int root, int *slave) {
  for (int i = 0; i < container->mount_count; i++) {
    const struct cinit_mount *mount = container->mounts + i;
    if (mount->type) mount_new(mount, root, i);
    else bind_on(mount, mount->source, root, i);
  }
  for (int i = 0; i < container->device_count; i++) make_device(container->devices + i, root, i);
  int terminal = -1, devices = cinit_open_inside(root, "/dev", O_PATH | O_DIRECTORY);
  if (devices < 0) cinit_fail(CINIT_STEP_LINK, 0, -devices);
  for (int i = 0; i < container->link_count; i++) make_link(container->links + i, devices, i);
  if (container->program.has_terminal) {
    terminal = cinit_make_terminal(devices, &container->program, slave);
    int console = cinit_make_inside(root, "/dev/console", 0);
    int outcome = console < 0 ? console : cinit_bind(*slave, "", console, 0, 0);
    if (outcome < 0) cinit_fail(CINIT_STEP_TERMINAL, 0, -outcome);
    close(console);
  }
  close(devices);
  for (int i = 0; i < container->masked_count; i++) mask(container->masked[i], root, i);
  for (int i = 0; i < container->read_only_count; i++) make_read_only(container->read_only[i], root, i);
  return terminal;
}

int cinit_make_terminal(int devices, const struct cinit_program *program, int *slave) {
  int unlocked = 0, master = openat(devices, "pts/ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
  struct statfs status;
  if (master < 0 || fstatfs(master, &status) < 0) cinit_fail(CINIT_STEP_TERMINAL, 0, errno);
  if (status.f_type != DEVPTS_SUPER_MAGIC) cinit_fail(CINIT_STEP_TERMINAL, 0, ENODEV);
  if (ioctl(master, TIOCSPTLCK, &unlocked) < 0) cinit_fail(CINIT_STEP_TERMINAL, 0, errno);
  struct winsize size = {.ws_row = program->rows, .ws_col = program->columns};
  // By ioctl, not by its name in a folder that is the container's.
  *slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (*slave < 0 || (size.ws_row && ioctl(master, TIOCSWINSZ, &size) < 0)) cinit_fail(CINIT_STEP_TERMINAL, 0, errno);
  return master;
}

void cinit_pivot(int root) {
  // Both names of pivot_root(2) are the new root: the old one is then mounted on top of it, and detached from there.
  if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
    cinit_fail(CINIT_STEP_PIVOT, 0, errno);
}
