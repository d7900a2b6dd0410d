job "tidy" {
  type     = "batch"
  priority = 20
  group "tidy" {
    reschedule {
      attempts       = 3
      interval       = "1h"
      delay          = "10s"
      delay_function = "fibonacci"
      max_delay      = "5m"
    }
    restart {
      attempts = 1
      interval = "1h"
      mode     = "delay"
    }
    task "rm" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", <<-SCRIPT
          set -e
          find /repo -name '*.tmp' -mtime +7 -delete
          SCRIPT
        ]
      }
    }
  }
}
