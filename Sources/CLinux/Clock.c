#include "Clock.h"

#include <time.h>

static long long read_clock(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (long long)time.tv_sec * 1000000000 + time.tv_nsec;
}

long long cluster_wall_nanoseconds(void) { return read_clock(CLOCK_REALTIME); }
long long cluster_uptime_nanoseconds(void) { return read_clock(CLOCK_MONOTONIC); }
