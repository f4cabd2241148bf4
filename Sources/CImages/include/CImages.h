/// Mounts of a container's files, made by a process that shares the caller's memory and has a mount namespace of its own.
///
/// Every function returns a value that is not negative, or `-errno`.
#ifndef CIMAGES_H
#define CIMAGES_H

/// Folders that overlay joins: `count` layers, the topmost first, below `upper`. `options` are added to those of the mount. Without layers `upper`
/// stands for itself.
struct cimages_layers {
  const char *const *lower;
  int count;
  const char *upper, *work, *options;
};

/// A folder or file of the machine, and the path in a container's root that it is mounted on.
struct cimages_binding {
  const char *source, *target;
  int read_only;
};

/// Opens the root of a container with O_PATH: joined layers, and `count` folders and files mounted on what is there in them. Nobody else ever sees
/// the mounts; they go with the descriptor. An ordinary user makes them in a user namespace of his own.
int cimages_open_root(const struct cimages_layers *layers, const struct cimages_binding *bindings, int count);

#endif
