// The C library's clocks, in nanoseconds: what a `Now` is made of. Plain types and no system header, as in CLinux.h.
#pragma once

long long cluster_wall_nanoseconds(void);
long long cluster_uptime_nanoseconds(void);
