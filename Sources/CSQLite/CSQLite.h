// What Swift cannot call of SQLite: functions with a variable number of arguments.
#pragma once
#include <sqlite3.h>

/// Whether closing the connection copies the write-ahead log into the database and deletes it.
static inline int cluster_sqlite_checkpoint_on_close(sqlite3 *database, int enabled) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, enabled ? 0 : 1, (int *)0);
}
