#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
