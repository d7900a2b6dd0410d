// Looks at folders without following links, and mounts. Plain types and no system header, as in CLinux.h.
#pragma once

// What `name` in an open folder is, without following a link: 0 nothing, 1 a folder, 2 anything else, -1 see errno.
// `device` gets the file system that it lies on.
int cluster_entry_kind(int folder, const char *name, unsigned long long *device);

// The file system that an open folder lies on.
unsigned long long cluster_device(int folder);

// The names in an open folder, which they take over; NULL when they cannot be listed.
void *cluster_open_names(int folder);

// The next name, `.` and `..` left out; NULL at the end.
const char *cluster_next_name(void *names);

void cluster_close_names(void *names);

// Locks an open file for this process alone; 0 when it is ours now.
int cluster_lock(int file);

// Bytes of the file system that holds `path`: all of them, and those that are free for users; 0 when it could be asked.
int cluster_space(const char *path, unsigned long long *total, unsigned long long *available);

// Writes the first IPv4 address that is not loopback; 0 when there is one.
int cluster_first_address(char *text, unsigned length);

#if defined(__linux__)
// Mounts a file system in memory on an open folder: nothing in it can be executed or be a device.
int cluster_mount_memory(int folder, const char *options);

// Takes away what is mounted on an open folder, also while it is in use.
int cluster_unmount(int folder);
#endif
