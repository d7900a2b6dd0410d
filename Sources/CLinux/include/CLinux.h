// Linux calls that Swift cannot make itself: variadic ones, macros, and what must run between fork and exec, where no Swift
// code may. Plain types and no system header on purpose: Swift has the system's declarations already. Empty on other systems.
#pragma once

#include "Clock.h"
#include "Folders.h"

#if defined(__linux__)

// Opens a descriptor that stands for a process; since Linux 5.3, ENOSYS before.
int clinux_pidfd_open(int pid);

// Sends a signal to the very process that the descriptor stands for.
int clinux_pidfd_signal(int pidfd, int number);

// Sends a signal to the process group that the process leads; since Linux 6.9, EINVAL before.
int clinux_pidfd_signal_group(int pidfd, int number);

// Removes the entry of a child that ended; does nothing for a process that is not a child or still runs.
void clinux_pidfd_reap(int pidfd);

// Says how a child ended and leaves its entry, so that its number cannot be given away yet. Returns 0 while it runs, 1 once
// it ended, -1 when there is no such child.
int clinux_child_ended(int pid, int *code, int *number);

// A pipe that no program started meanwhile inherits.
int clinux_pipe(int *ends);

// Orphans among the descendants become children of this process instead of the system's first one.
int clinux_adopt_orphans(void);

// Nobody but the system's administrator may look into this process's memory from now on, and no core dump is made of it.
// Programs that it starts are not affected. Returns 0, or -1 with errno.
int clinux_hide_memory(void);

// Raises the limit of open files as far as this process may, up to a million. Programs that clinux_start starts get what
// was the limit before: those that wait with select() break on descriptors above 1,023. Returns 0, or -1 with errno.
int clinux_raise_open_files(void);

// Bytes that this process has allocated and not given back; 0 where the C library does not say.
unsigned long long clinux_heap_bytes(void);

enum clinux_step {
  CLINUX_STEP_FORK = 1,
  CLINUX_STEP_SESSION,
  CLINUX_STEP_PARENT,
  CLINUX_STEP_GROUP,
  CLINUX_STEP_FILES,
  CLINUX_STEP_FOLDER,
  CLINUX_STEP_EXECUTE
};

struct clinux_launch {
  const char *path;
  char **arguments;
  char **environment;
  const char *folder;
  int input, output, error;  // become descriptors 0, 1 and 2; all others are closed
  int group;                 // an open cgroup.procs to join, or -1
  int dies_with_thread;      // whether the end of the calling thread kills the program
  int failed_step, failed_errno;
};

// Starts a program in a session of its own and returns its number once it runs, or -1 with the step that failed.
int clinux_start(struct clinux_launch *launch);

#endif
