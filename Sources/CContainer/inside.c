/// Paths inside a root that somebody else has filled: no symbolic link leads out of it, whoever changes it meanwhile.
#define _GNU_SOURCE
#include "internal.h"

#include <limits.h>

int cinit_open_inside(int root, const char *path, uint64_t flags) {
  struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
  // A rename or mount anywhere on the machine can make the kernel unsure about ".."; then it says EAGAIN.
  for (int tries = 0;; tries++) {
    int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
    if (fd >= 0 || errno != EAGAIN || tries == 128) return cinit_outcome(fd);
  }
}

/// A walk to a path, step by step, which knows the way it came without symbolic links.
struct walk {
  int root;
  int place;            ///< the folder reached
  char done[PATH_MAX];  ///< its path
  char rest[PATH_MAX];  ///< what is still to go
};

/// Goes back to where `done` leads; a symbolic link there now is somebody's attack, and an error.
static int return_to_done(struct walk *walk) {
  struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS};
  int fd = (int)syscall(SYS_openat2, walk->root, walk->done[0] ? walk->done : ".", &how, sizeof how);
  if (fd < 0) return -errno;
  close(walk->place);
  walk->place = fd;
  return 0;
}

/// Cuts the first component off `rest`; 0 at the end.
static int next_component(struct walk *walk, char *name) {
  char *start = walk->rest;
  while (*start == '/') start++;
  size_t length = strcspn(start, "/");
  if (length == 0) return 0;
  if (length > NAME_MAX) return -ENAMETOOLONG;
  memcpy(name, start, length);
  name[length] = 0;
  memmove(walk->rest, start + length, strlen(start + length) + 1);
  return 1;
}

static int is_at_end(const struct walk *walk) { return walk->rest[strspn(walk->rest, "/")] == 0; }

/// Puts the target of the symbolic link `link` in front of `rest`.
static int follow(struct walk *walk, int link) {
  char target[PATH_MAX];
  ssize_t length = readlinkat(link, "", target, sizeof target);
  if (length < 0) return -errno;
  size_t rest = strlen(walk->rest);
  if ((size_t)length + rest + 2 > sizeof walk->rest) return -ENAMETOOLONG;
  memmove(walk->rest + length + 1, walk->rest, rest + 1);
  memcpy(walk->rest, target, (size_t)length);
  walk->rest[length] = '/';
  if (target[0] != '/') return 0;
  walk->done[0] = 0;
  return return_to_done(walk);
}

static int leave(struct walk *walk) {
  char *slash = strrchr(walk->done, '/');
  if (slash) *slash = 0;
  return return_to_done(walk);
}

static int create(struct walk *walk, const char *name, int is_folder) {
  if (is_folder) return mkdirat(walk->place, name, 0755) == 0 || errno == EEXIST ? 0 : -errno;
  int fd = openat(walk->place, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_WRONLY, 0644);
  if (fd < 0) return errno == EEXIST ? 0 : -errno;
  close(fd);
  return 0;
}

static int advance(struct walk *walk, const char *name, int entry) {
  size_t length = strlen(walk->done);
  if (length + strlen(name) + 2 > sizeof walk->done) return -ENAMETOOLONG;
  walk->done[length] = '/';
  strcpy(walk->done + length + 1, name);
  close(walk->place);
  walk->place = entry;
  return 0;
}

static int go(struct walk *walk, int is_folder) {
  char name[NAME_MAX + 1];
  int outcome;
  for (int links = 0; (outcome = next_component(walk, name)) > 0;) {
    if (strcmp(name, ".") == 0) continue;
    if (strcmp(name, "..") == 0) {
      if ((outcome = leave(walk)) < 0) return outcome;
      continue;
    }
    int entry = openat(walk->place, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (entry < 0 && errno == ENOENT) {
      if ((outcome = create(walk, name, is_folder || !is_at_end(walk))) < 0) return outcome;
      entry = openat(walk->place, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    }
    struct stat status;
    if (entry < 0 || fstat(entry, &status) < 0) return -errno;
    if (S_ISLNK(status.st_mode)) {
      outcome = ++links > 40 ? -ELOOP : follow(walk, entry);
      close(entry);
    } else {
      outcome = advance(walk, name, entry);
    }
    if (outcome < 0) return outcome;
  }
  return outcome;
}

int cinit_make_inside(int root, const char *path, int is_folder) {
  int fd = cinit_open_inside(root, path, O_PATH);
  if (fd != -ENOENT) {
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0) return fd < 0 ? fd : -errno;
    if (S_ISDIR(status.st_mode) == !!is_folder) return fd;
    close(fd);
    return is_folder ? -ENOTDIR : -EISDIR;
  }
  static struct walk walk;
  walk.root = root;
  walk.done[0] = 0;
  if (strlen(path) >= sizeof walk.rest) return -ENAMETOOLONG;
  strcpy(walk.rest, path);
  walk.place = openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (walk.place < 0) return -errno;
  int outcome = go(&walk, is_folder);
  if (outcome >= 0) return walk.place;
  close(walk.place);
  return outcome;
}
