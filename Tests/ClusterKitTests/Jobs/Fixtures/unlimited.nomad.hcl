job "unlimited" {
  type = "batch"
  reschedule {
    unlimited = true
    delay     = "1m"
  }
  group "a" {
    task "t" { driver = "raw_exec" }
  }
  group "b" {
    reschedule {
      attempts = 2
      interval = "12h"
    }
    task "t" { driver = "raw_exec" }
  }
}
