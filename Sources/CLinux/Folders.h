#pragma once

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/mount.h>
#endif

// What `name` in an open folder is, without following a link: 0 nothing, 1 a folder, 2 anything else, -1 see errno.
// `device` gets the file system that it lies on.
static inline int cluster_entry_kind(int folder, const char *name, uint64_t *device) {
    struct stat status;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT ? 0 : -1;
    *device = (uint64_t)status.st_dev;
    return S_ISDIR(status.st_mode) ? 1 : 2;
}

// The file system that an open folder lies on.
static inline uint64_t cluster_device(int folder) {
    struct stat status;
    return fstat(folder, &status) == 0 ? (uint64_t)status.st_dev : 0;
}

// The next name in a folder opened with fdopendir, `.` and `..` left out; NULL at the end.
static inline const char *cluster_next_name(void *folder) {
    for (;;) {
        struct dirent *entry = readdir((DIR *)folder);
        if (!entry) return 0;
        const char *name = entry->d_name;
        if (name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0))) continue;
        return name;
    }
}

static inline void *cluster_open_names(int folder) { return fdopendir(folder); }
static inline void cluster_rewind_names(void *folder) { rewinddir((DIR *)folder); }
static inline void cluster_close_names(void *folder) { closedir((DIR *)folder); }

// Locks an open file for this process alone; 0 when it is ours now.
static inline int cluster_lock(int file) { return flock(file, LOCK_EX | LOCK_NB); }

// Bytes of the file system that holds `path`: all of them, and those that are free for users.
static inline int cluster_space(const char *path, uint64_t *total, uint64_t *available) {
    struct statvfs space;
    if (statvfs(path, &space) != 0) return -1;
    *total = (uint64_t)space.f_blocks * space.f_frsize;
    *available = (uint64_t)space.f_bavail * space.f_frsize;
    return 0;
}

// Writes the first IPv4 address that is not loopback; 0 when there is one.
static inline int cluster_first_address(char *text, uint32_t length) {
    struct ifaddrs *all = 0;
    int found = -1;
    if (getifaddrs(&all) != 0) return -1;
    for (struct ifaddrs *one = all; one && found != 0; one = one->ifa_next) {
        if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET) continue;
        if (!(one->ifa_flags & IFF_UP) || (one->ifa_flags & IFF_LOOPBACK)) continue;
        struct sockaddr_in *address = (struct sockaddr_in *)one->ifa_addr;
        if (inet_ntop(AF_INET, &address->sin_addr, text, length)) found = 0;
    }
    freeifaddrs(all);
    return found;
}

#ifdef __linux__
// Mounts a file system in memory on an open folder: nothing in it can be executed or be a device.
static inline int cluster_mount_memory(int folder, const char *options) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", folder);
    return mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options);
}

// Takes away what is mounted on an open folder, also while it is in use.
static inline int cluster_unmount(int folder) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", folder);
    return umount2(path, MNT_DETACH);
}
#endif
