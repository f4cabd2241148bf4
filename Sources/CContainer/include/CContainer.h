/// The init of a container: everything that happens between clone3(2) and execve(2), where neither Swift nor the heap may be used.
///
/// The parent describes the whole container in one `struct cinit_container` before the clone; the child works it off with system calls alone.
/// Functions return a value that is not negative, or `-errno`.
#ifndef CCONTAINER_H
#define CCONTAINER_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/// What the init was doing when something failed.
enum cinit_step {
  CINIT_STEP_PARENT = 1,      ///< the parent went away, or what it sent could not be read
  CINIT_STEP_IDENTITY,        ///< becoming root of the user namespace
  CINIT_STEP_JOIN,            ///< joining the namespace `index`
  CINIT_STEP_CGROUP,          ///< entering the cgroup folder `index`
  CINIT_STEP_NAMESPACE,       ///< making a cgroup namespace
  CINIT_STEP_LOOPBACK,        ///< switching on the loopback interface
  CINIT_STEP_STREAMS,         ///< standard input, output and error
  CINIT_STEP_PRIVATE,         ///< separating the mounts from the host's
  CINIT_STEP_LAYER,           ///< opening layer `index` of the root file system: lower folders, then upper, then work
  CINIT_STEP_ROOT,            ///< mounting the root file system
  CINIT_STEP_TARGET,          ///< making the folder or file that `index` is to be mounted on
  CINIT_STEP_SOURCE,          ///< opening the source of mount `index`
  CINIT_STEP_MOUNT,           ///< mount `index`
  CINIT_STEP_PROC_TARGET,     ///< mount `index` leads into /proc
  CINIT_STEP_DEVICE,          ///< making device `index`
  CINIT_STEP_LINK,            ///< making the symbolic link `index`
  CINIT_STEP_TERMINAL,        ///< making the terminal
  CINIT_STEP_MASK,            ///< hiding path `index`
  CINIT_STEP_READ_ONLY,       ///< making path `index` read-only
  CINIT_STEP_PIVOT,           ///< changing the root
  CINIT_STEP_ROOT_READ_ONLY,  ///< making the root read-only
  CINIT_STEP_HOST_NAME,
  CINIT_STEP_SYSCTL,          ///< setting sysctl `index`
  CINIT_STEP_LIMIT,           ///< setting resource limit `index`
  CINIT_STEP_OOM_SCORE,
  CINIT_STEP_USER,            ///< finding the user; ENOENT: no such name
  CINIT_STEP_GROUP,           ///< finding the group (index -1) or the additional group `index`
  CINIT_STEP_ENVIRONMENT,     ///< adding HOME to the environment
  CINIT_STEP_FOLDER,          ///< entering the working folder; EXDEV: it lies outside the root
  CINIT_STEP_CAPABILITIES,
  CINIT_STEP_CREDENTIALS,     ///< taking on user and groups
  CINIT_STEP_FILTER,          ///< installing the seccomp filter
  CINIT_STEP_LOOKUP,          ///< finding the program
  CINIT_STEP_STUB,            ///< running the stub that runs the program
  CINIT_STEP_EXECUTE,         ///< running the program
};

/// One message from the init to its parent, whole in one packet.
struct cinit_message {
  int32_t step;   ///< 0: all is ready and the init waits, or the stub says the ID of the process that goes on; else what failed
  int32_t index;  ///< of the thing that failed in its list; the process ID
  int32_t error;  ///< errno
};

/// A folder's or file's mount in the container.
struct cinit_mount {
  const char *source;   ///< a path of the host for a bind mount; else what /proc/mounts shows
  const char *target;   ///< a path in the container
  const char *type;     ///< the file system's type, or NULL for a bind mount
  const char *options;  ///< the file system's options, or NULL
  const char *fallback; ///< a path of the host that is bound where the file system may not be mounted (EPERM), or NULL
  uint64_t attributes;  ///< MOUNT_ATTR_…
  int recursive;        ///< bind what is mounted below as well
  int optional;         ///< go on if there is no source
  int sent;             ///< the parent sends the source, already cloned, with the mappings
};

/// A device node in the container.
struct cinit_device {
  const char *path;  ///< in the container
  mode_t mode;       ///< S_IFCHR or S_IFBLK, and permissions
  uint32_t major, minor;
  uid_t user;
  gid_t group;
};

/// A pair of texts: link and target, sysctl and value.
struct cinit_pair {
  const char *name, *value;
};

struct cinit_limit {
  int resource;  ///< RLIMIT_…
  struct rlimit value;
};

/// The process that the init becomes in the end.
struct cinit_program {
  char *const *arguments;
  /// `NAME=value`…; the place before the closing NULL is free for HOME if `adds_home`.
  char **environment;
  int adds_home;
  const char *search_path;  ///< the value of PATH
  const char *folder;       ///< the working folder
  int creates_folder;
  const char *user;                     ///< `user[:group]`, names or numbers
  const char *const *additional_groups; ///< names or numbers
  int additional_group_count;
  uint64_t bounding;  ///< the capabilities that remain, by bit
  int no_new_privileges;
  mode_t umask;
  const struct cinit_limit *limits;
  int limit_count;
  int has_oom_score;
  int oom_score;
  int has_terminal;
  uint16_t rows, columns;  ///< of the terminal; 0: unknown
  int streams[3];          ///< become 0, 1 and 2 where there is no terminal
  int has_reaper;          ///< process 1 is a loop that passes on signals and reaps
  int ends_with_parent;    ///< SIGKILL when the thread that created it ends
};

struct cinit_container {
  struct cinit_program program;
  uint64_t namespaces;        ///< CLONE_NEW… to make
  const int *joined;          ///< descriptors of namespaces to join
  int joined_count;
  int cgroup;                 ///< a folder of cgroup v2 to be born in, or -1
  const int *cgroup_tasks;    ///< open `tasks` files of cgroup v1
  int cgroup_task_count;
  const char *const *lower;   ///< lower folders, topmost first; none: the root is the folder `upper`
  int lower_count;
  const char *upper, *work, *mount_point;
  int root_read_only;
  int temporary;              ///< the overlay does not sync
  int user_attributes;        ///< the overlay may not keep its notes in trusted attributes
  int root_sent;              ///< the parent sends the root, mounted on nothing, with the mappings
  const struct cinit_mount *mounts;
  int mount_count;
  const struct cinit_device *devices;
  int device_count;
  const struct cinit_pair *links;
  int link_count;
  const char *const *masked;
  int masked_count;
  const char *const *read_only;
  int read_only_count;
  const struct cinit_pair *sysctls;  ///< paths below /proc/sys
  int sysctl_count;
  const char *host_name;  ///< NULL: unchanged
};

/// A program that joins a running container.
struct cinit_entry {
  struct cinit_program program;
  int container;        ///< pidfd of the container's init
  int namespaces;       ///< CLONE_NEW… to join
  int joins_users;      ///< it has a user namespace of its own
  int cgroup;
  const int *cgroup_tasks;
  int cgroup_task_count;
};

/// A process that has been cloned.
struct cinit_process {
  pid_t pid;
  int pidfd;
  int control;  ///< the socket to the init
};

/// Clones the init of a container, which prepares everything up to the program's start and then waits.
int cinit_create(const struct cinit_container *container, struct cinit_process *process);

/// Clones a process that enters a running container and then waits.
int cinit_enter(const struct cinit_entry *entry, struct cinit_process *process);

/// Tells the init that its user namespace has its mappings, and gives it mounts: its root if `root_sent`, then the source of each mount that is
/// `sent`; CINIT_SENT_MOUNTS at the most.
int cinit_mapped(int control, const int *mounts, int count);

enum { CINIT_SENT_MOUNTS = 250 };

/// open_tree(2) with OPEN_TREE_CLONE: what is at `path` and below, mounted on nothing, with `attributes`.
int cinit_clone_mount(const char *path, uint64_t attributes, int recursive);

/// Gives a mount that is mounted on nothing the users of the user namespace `users`: what belongs to root on disk belongs to root there.
int cinit_map_mount(int mount, int users);

/// Mounts the container's overlay on nothing, with its layers' users mapped as the user namespace `users` maps them: what belongs to root on disk
/// belongs to root of the namespace, whom the host knows as `user` and `group`. `upper` and `work` must lie in one folder. Needs the privilege over the layers' file systems.
int cinit_mount_mapped(const struct cinit_container *container, int users, uid_t user, gid_t group);

/// Lets the init run its program, with a seccomp filter installed if `count` is not 0.
int cinit_go(int control, const struct sock_filter *filter, size_t count, uint32_t flags);

/// Waits for the next message. Returns 1, or 0 if the init has run its program (or died) and there is none. `*terminal` is the descriptor of
/// the terminal if one came along, else -1.
int cinit_receive(int control, struct cinit_message *message, int *terminal);

/// waitid(2) for the process behind a pidfd: its exit status, or 128 + the signal that ended it.
int cinit_wait(int pidfd);

/// pidfd_send_signal(2)
int cinit_kill(int pidfd, int signal);

/// pidfd_open(2) of a child of the caller; -ECHILD if it is none.
int cinit_open_child(pid_t pid);

/// pidfd_open(2)
int cinit_open_process(pid_t pid);

/// The bit set of the capabilities in the bounding set.
uint64_t cinit_bounding_set(void);

#endif
