/// What the files of the init share. All of it runs in a process that has been cloned from a program with threads: no heap, no locks, no stdio
/// but snprintf into a buffer of our own.
#ifndef CCONTAINER_INTERNAL_H
#define CCONTAINER_INTERNAL_H

#include "CContainer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

enum {
  CONTROL = 3,  ///< the socket to the parent, while the init works
  STUB = 4,     ///< the stub's file
  FIRST_FREE = 5,
};

/// What the stub is to do; the first letter of its first argument.
enum {
  CINIT_STUB_EXECUTE = 'x',        ///< become the program
  CINIT_STUB_SERVE = 'r',          ///< run the program, pass on signals, reap
  CINIT_STUB_JOIN = 'j',           ///< run the program as a sibling, and end
  CINIT_STUB_JOIN_TERMINAL = 't',  ///< the same with standard input as controlling terminal
};

/// The number of the control socket: CONTROL as soon as the descriptors are arranged.
extern int cinit_control;

/// How the init comes into being.
struct cinit_birth {
  void (*run)(const void *description, int control, int stub);  ///< what the child does; does not return
  const void *description;
  uint64_t namespaces;  ///< CLONE_NEW… to make
  int cgroup;           ///< a folder of cgroup v2, or -1
};

/// Clones the init.
int cinit_give_birth(const struct cinit_birth *birth, struct cinit_process *process);

/// Joins cgroups of version 1.
void cinit_enter_cgroups(const int *tasks, int count);

/// Makes `slave` the standard streams.
void cinit_take_terminal(int slave);

/// Reports a failure to the parent and ends the process: 127 if the program was not found, else 126.
_Noreturn void cinit_fail(enum cinit_step step, int index, int error);

/// Tells the parent that all is ready, and gives it the terminal, or -1.
void cinit_ready(int terminal);

/// Waits until the user namespace has its mappings; ends the process if the parent is gone.
void cinit_await_mapping(void);

/// The next mount that came with the mappings.
int cinit_next_sent(void);

/// What mount(2) wants to know of an overlay whose layers are open: `lower` topmost first, `upper` and `work` -1 if there are none. Returns 0 or
/// -E2BIG.
int cinit_overlay_options(char *options, size_t size, const int *lower, int lower_count, int upper, int work, int is_temporary);

/// Puts the streams in their places, the control socket and the stub in theirs, and closes every other descriptor.
void cinit_arrange_descriptors(const struct cinit_program *program, int control, int stub);

/// An unnamed, sealed, executable file with the stub.
int cinit_stub_file(void);

/// Limits, user, working folder, capabilities, filter; then becomes the program.
/// `task` is the stub's.
_Noreturn void cinit_become(const struct cinit_program *program, const char *task);

/// Waits until the program may start; fetches the seccomp filter.
void cinit_await_order(void);

/// Opens a path inside `root`, wherever symbolic links lead: ".." and absolute targets end at `root`. Magic links are refused.
int cinit_open_inside(int root, const char *path, uint64_t flags);

/// Opens a path inside `root` with O_PATH and makes what is missing on the way: folders, and at the end a folder or an empty file.
int cinit_make_inside(int root, const char *path, int is_folder);

/// Mounts the container's root file system in the calling process's mount namespace; returns its root.
int cinit_mount_root(const struct cinit_container *container);

/// All mounts, devices, links, masked and read-only paths. Returns the terminal's controlling end, or -1; its other end is `*slave`.
int cinit_furnish(const struct cinit_container *container, int root, int *slave);

/// Makes `root` the root of the mount namespace and forgets everything else.
void cinit_pivot(int root);

/// Makes a terminal of the devpts at `devices`/pts; answers its controlling end.
int cinit_make_terminal(int devices, const struct cinit_program *program, int *slave);

/// Binds the file or mount `source` on `target`.
int cinit_bind(int source, const char *path, int target, uint64_t attributes, int recursive);

/// A user as the container's own files know it.
struct cinit_identity {
  uid_t user;
  gid_t group;
  gid_t groups[256];
  int group_count;
  char home[4096];
};

/// Reads /etc/passwd and /etc/group of the (own) root.
void cinit_find_identity(const struct cinit_program *program, struct cinit_identity *identity);

static inline int cinit_outcome(long result) { return result < 0 ? -errno : (int)result; }

static inline int cinit_open_tree(int dir, const char *path, unsigned flags) { return (int)syscall(SYS_open_tree, dir, path, flags); }

static inline int cinit_move_mount(int from, int to) {
  return (int)syscall(SYS_move_mount, from, "", to, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static inline int cinit_set_attributes(int dir, const char *path, unsigned flags, uint64_t set, uint64_t clear) {
  struct mount_attr attributes = {.attr_set = set, .attr_clr = clear};
  return (int)syscall(SYS_mount_setattr, dir, path, flags, &attributes, sizeof attributes);
}

#endif
