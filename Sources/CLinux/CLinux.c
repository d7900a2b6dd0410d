#if defined(__linux__)
#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The numbers are the same on all architectures that Swift runs on; older headers lack the names.
enum { CALL_PIDFD_SEND_SIGNAL = 424, CALL_PIDFD_OPEN = 434, CALL_CLOSE_RANGE = 436 };
static const unsigned signal_whole_group = 1u << 2;
static const idtype_t by_descriptor = (idtype_t)3;

int clinux_pidfd_open(int pid) { return (int)syscall(CALL_PIDFD_OPEN, pid, 0); }

int clinux_pidfd_signal(int pidfd, int number) {
  return (int)syscall(CALL_PIDFD_SEND_SIGNAL, pidfd, number, NULL, 0);
}

int clinux_pidfd_signal_group(int pidfd, int number) {
  return (int)syscall(CALL_PIDFD_SEND_SIGNAL, pidfd, number, NULL, signal_whole_group);
}

unsigned long long clinux_heap_bytes(void) {
#if defined(__GLIBC__)
#if __GLIBC_PREREQ(2, 33)
  struct mallinfo2 heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
#endif
#endif
  return 0;
}

void clinux_pidfd_reap(int pidfd) {
  siginfo_t info;
  while (waitid(by_descriptor, (id_t)pidfd, &info, WEXITED | WNOHANG) < 0 && errno == EINTR) {}
}

int clinux_child_ended(int pid, int *code, int *number) {
  siginfo_t info = {0};
  int answer;
  while ((answer = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT)) < 0 && errno == EINTR) {}
  if (answer < 0) return -1;
  if (info.si_pid == 0) return 0;
  *code = info.si_code == CLD_EXITED ? info.si_status : 0;
  *number = info.si_code == CLD_EXITED ? 0 : info.si_status;
  return 1;
}

int clinux_pipe(int *ends) { return (int)syscall(SYS_pipe2, ends, O_CLOEXEC); }

int clinux_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

int clinux_hide_memory(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

// What programs that are started get: written before there are other threads, and only read afterwards.
static struct rlimit inherited_files;
static int has_inherited_files;

int clinux_raise_open_files(void) {
  // Where descriptors must be closed one by one, more than that takes long.
  const rlim_t most = 1 << 20;
  struct rlimit now;
  if (getrlimit(RLIMIT_NOFILE, &now) < 0) return -1;
  struct rlimit raised = {.rlim_cur = now.rlim_max < most ? now.rlim_max : most, .rlim_max = now.rlim_max};
  if (raised.rlim_cur <= now.rlim_cur) return 0;
  if (setrlimit(RLIMIT_NOFILE, &raised) < 0) return -1;
  if (!has_inherited_files) inherited_files = now;
  has_inherited_files = 1;
  return 0;
}

static void clinux_close_from(int first) {
  if (syscall(CALL_CLOSE_RANGE, first, ~0u, 0) == 0) return;
  long most = sysconf(_SC_OPEN_MAX);
  for (long descriptor = first; descriptor < (most < 0 ? 65536 : most); descriptor++) close((int)descriptor);
}

// Runs in the child, which shares the parent's memory until execve: only system calls from here on.
static int clinux_launch_step(const struct clinux_launch *launch, pid_t parent) {
  if (setsid() < 0) return CLINUX_STEP_SESSION;
  if (launch->dies_with_thread) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent) return CLINUX_STEP_PARENT;
  }
  if (launch->group >= 0 && write(launch->group, "0", 1) != 1) return CLINUX_STEP_GROUP;
  int input = fcntl(launch->input, F_DUPFD, 3);
  int output = fcntl(launch->output, F_DUPFD, 3);
  int error = fcntl(launch->error, F_DUPFD, 3);
  if (input < 0 || output < 0 || error < 0) return CLINUX_STEP_FILES;
  if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(error, 2) < 0) return CLINUX_STEP_FILES;
  clinux_close_from(3);
  if (has_inherited_files && setrlimit(RLIMIT_NOFILE, &inherited_files) < 0) return CLINUX_STEP_FILES;
  if (chdir(launch->folder) < 0) return CLINUX_STEP_FOLDER;
  umask(022);
  struct sigaction standard = {0};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; number++) (void)sigaction(number, &standard, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execve(launch->path, launch->arguments, launch->environment);
  return CLINUX_STEP_EXECUTE;
}

int clinux_start(struct clinux_launch *launch) {
  // A signal handler of the host must not run in the child, which shares its memory.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t parent = getpid();
  volatile struct clinux_launch *shared = launch;
  shared->failed_step = 0;
  pid_t child = vfork();
  if (child == 0) {
    int step = clinux_launch_step(launch, parent);
    shared->failed_errno = errno;
    shared->failed_step = step;
    _exit(127);
  }
  int fork_errno = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (child < 0) {
    launch->failed_step = CLINUX_STEP_FORK;
    launch->failed_errno = fork_errno;
    return -1;
  }
  if (shared->failed_step != 0) {
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    return -1;
  }
  return child;
}

#endif
