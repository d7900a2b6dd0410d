#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "Folders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/mount.h>
#endif

int cluster_entry_kind(int folder, const char *name, unsigned long long *device) {
    struct stat status;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT ? 0 : -1;
    *device = (unsigned long long)status.st_dev;
    return S_ISDIR(status.st_mode) ? 1 : 2;
}

unsigned long long cluster_device(int folder) {
    struct stat status;
    return fstat(folder, &status) == 0 ? (unsigned long long)status.st_dev : 0;
}

const char *cluster_next_name(void *folder) {
    for (;;) {
        struct dirent *entry = readdir((DIR *)folder);
        if (!entry) return 0;
        const char *name = entry->d_name;
        if (name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0))) continue;
        return name;
    }
}

void *cluster_open_names(int folder) { return fdopendir(folder); }
void cluster_close_names(void *folder) { closedir((DIR *)folder); }

int cluster_lock(int file) { return flock(file, LOCK_EX | LOCK_NB); }

int cluster_space(const char *path, unsigned long long *total, unsigned long long *available) {
    struct statvfs space;
    if (statvfs(path, &space) != 0) return -1;
    *total = (unsigned long long)space.f_blocks * space.f_frsize;
    *available = (unsigned long long)space.f_bavail * space.f_frsize;
    return 0;
}

int cluster_first_address(char *text, unsigned length) {
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
int cluster_mount_memory(int folder, const char *options) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", folder);
    return mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options);
}

int cluster_unmount(int folder) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", folder);
    return umount2(path, MNT_DETACH);
}
#endif
