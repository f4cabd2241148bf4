/// The stub: a program of a few hundred bytes that the init becomes before it becomes the container's program.
///
/// While a process runs the container's first program, /proc/self/exe leads to what it ran before. If that were berth's own executable, a program
/// `#!/proc/self/exe` would run it inside the container, with libraries of the container's choice, and get hold of the host's file
/// (CVE-2019-5736). So the last program before the container's is this one: an unnamed file in memory whose content is sealed.
///
/// It is made of the section `cinit_stub` of this file's object code, put behind an ELF header. The code in that section therefore knows no
/// global data, no constants in memory and no function outside; it reports with the control socket as all of the init does.
#define _GNU_SOURCE
#include "internal.h"

#include <elf.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif

// Not optimised, because optimised code may fetch constants from memory that is not in the section.
#if defined(__clang__)
#define PLAIN optnone
#else
#define PLAIN optimize("O0")
#endif
#define IN_STUB __attribute__((section("cinit_stub"), used, noinline, no_stack_protector, PLAIN))

#if defined(__x86_64__)
static const Elf64_Half machine = EM_X86_64;
__asm__(
    ".pushsection cinit_stub,\"ax\",@progbits\n"
    ".globl cinit_stub_entry\n.hidden cinit_stub_entry\n"
    "cinit_stub_entry: xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call cinit_stub_main\n"
    ".popsection\n");

static inline __attribute__((always_inline)) long call(long number, long a, long b, long c, long d, long e) {
  long result;
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
static const Elf64_Half machine = EM_AARCH64;
__asm__(
    ".pushsection cinit_stub,\"ax\",@progbits\n"
    ".globl cinit_stub_entry\n.hidden cinit_stub_entry\n"
    "cinit_stub_entry: mov x29, #0\n mov x30, #0\n mov x0, sp\n b cinit_stub_main\n"
    ".popsection\n");

static inline __attribute__((always_inline)) long call(long number, long a, long b, long c, long d, long e) {
  register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c, x3 __asm__("x3") = d,
                x4 __asm__("x4") = e;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
}
#else
#error "the stub has not been written for this processor"
#endif

/// Ends the process, also where a seccomp profile of the user's refuses that: then by a fault, for which no call is needed.
IN_STUB _Noreturn static void stub_exit(int status) {
  for (;;) {
    call(SYS_exit_group, status, 0, 0, 0, 0);
    __builtin_trap();
  }
}

/// Runs the program that the arguments name; only returns by ending the process.
IN_STUB static void stub_execute(char **arguments, char **environment) {
  call(SYS_fcntl, CONTROL, F_SETFD, FD_CLOEXEC, 0, 0);
  long error = -call(SYS_execve, (long)arguments[0], (long)(arguments + 1), (long)environment, 0, 0);
  volatile struct cinit_message message;
  message.step = CINIT_STEP_EXECUTE;
  message.index = 0;
  message.error = (int32_t)error;
  call(SYS_write, CONTROL, (long)&message, sizeof message, 0, 0);
  stub_exit(error == ENOENT ? 127 : 126);
}

/// Reaps every process that has ended, or waits for it; ends itself with the status of the program.
IN_STUB static void stub_reap(long program, long options) {
  for (;;) {
    volatile int status = 0;
    long pid = call(SYS_wait4, -1, (long)&status, options, 0, 0);
    if (pid == 0) return;
    // Without waiting (a seccomp profile may refuse even that) there is nothing left to do.
    if (pid < 0 && pid != -EINTR) stub_exit(125);
    int ended = status;
    if (pid == program) stub_exit((ended & 0x7f) ? 128 + (ended & 0x7f) : (ended >> 8) & 0xff);
  }
}

/// Process 1 of a container with --init: starts the program in a process group of its own, passes on every signal, reaps.
IN_STUB static void stub_serve(char **arguments, char **environment) {
  volatile uint64_t all = ~0ULL, none = 0;
  call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, 0, sizeof all, 0);
  long pid = call(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) {
    volatile int group = (int)call(SYS_getpid, 0, 0, 0, 0, 0);
    call(SYS_setpgid, 0, 0, 0, 0, 0);
    call(SYS_ioctl, 0, TIOCSPGRP, (long)&group, 0, 0);
    call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, sizeof none, 0);
    stub_execute(arguments, environment);
  }
  if (pid < 0) {
    call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, sizeof none, 0);
    stub_execute(arguments, environment);
  }
  call(SYS_close, CONTROL, 0, 0, 0, 0);
  for (;;) {
    long signal = call(SYS_rt_sigtimedwait, (long)&all, 0, 0, sizeof all, 0);
    if (signal == SIGCHLD) stub_reap(pid, WNOHANG);
    else if (signal > 0) call(SYS_kill, pid, signal, 0, 0, 0);
    else if (signal != -EINTR) stub_reap(pid, 0);
  }
}

/// Runs the program as a sibling in the PID namespace that children of this process are born in. This process itself has never been visible
/// there, so nobody in the container could get at the executable it was before (/proc/PID/exe).
IN_STUB static void stub_join(char **arguments, char **environment, int has_terminal) {
  long pid = call(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) {
    call(SYS_setsid, 0, 0, 0, 0, 0);
    if (has_terminal) call(SYS_ioctl, 0, TIOCSCTTY, 0, 0, 0);
    stub_execute(arguments, environment);
  }
  volatile struct cinit_message message;
  message.step = pid < 0 ? CINIT_STEP_STUB : 0;
  message.index = (int32_t)pid;
  message.error = pid < 0 ? (int32_t)-pid : 0;
  call(SYS_write, CONTROL, (long)&message, sizeof message, 0, 0);
  stub_exit(pid < 0 ? 126 : 0);
}

/// `stack` is what the kernel leaves: the number of arguments, they, NULL, the environment. The first argument says what to do.
IN_STUB __attribute__((visibility("hidden"))) void cinit_stub_main(long *stack) {
  char **arguments = (char **)(stack + 1), **environment = arguments + stack[0] + 1;
  char task = stack[0] >= 3 ? arguments[0][0] : 0;
  if (task == CINIT_STUB_SERVE) stub_serve(arguments + 1, environment);
  if (task == CINIT_STUB_JOIN || task == CINIT_STUB_JOIN_TERMINAL) stub_join(arguments + 1, environment, task == CINIT_STUB_JOIN_TERMINAL);
  if (task == CINIT_STUB_EXECUTE) stub_execute(arguments + 1, environment);
  // Something else has run it: a script "#!/proc/self/exe".
  stub_exit(126);
}

extern const char cinit_stub_entry[];
extern const char __start_cinit_stub[], __stop_cinit_stub[];

int cinit_stub_file(void) {
  struct {
    Elf64_Ehdr header;
    Elf64_Phdr segments[2];
    char padding[16];
  } image;
  const size_t size = (size_t)(__stop_cinit_stub - __start_cinit_stub), whole = sizeof image + size;
  memset(&image, 0, sizeof image);
  image.header = (Elf64_Ehdr){
      .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
      .e_type = ET_DYN,
      .e_machine = machine,
      .e_version = EV_CURRENT,
      .e_entry = sizeof image + (size_t)(cinit_stub_entry - __start_cinit_stub),
      .e_phoff = sizeof image.header,
      .e_ehsize = sizeof image.header,
      .e_phentsize = sizeof image.segments[0],
      .e_phnum = 2,
  };
  image.segments[0] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_filesz = whole, .p_memsz = whole, .p_align = 65536};
  image.segments[1] = (Elf64_Phdr){.p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W};

  int fd = memfd_create("berth-init", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
  // Kernels before 6.3 do not know MFD_EXEC, and make every such file executable.
  if (fd < 0 && errno == EINVAL) fd = memfd_create("berth-init", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return -errno;
  if (write(fd, &image, sizeof image) == sizeof image && write(fd, __start_cinit_stub, size) == (ssize_t)size &&
      fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
    return fd;
  int failure = errno;
  close(fd);
  return -failure;
}
