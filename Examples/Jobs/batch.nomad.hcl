# Work that ends: it is tried again when it fails, and done when it exits with 0.
job "batch" {
  type        = "batch"
  datacenters = ["*"]

  group "work" {
    count = 2

    restart {
      attempts = 2
      interval = "1h"
      delay    = "1s"
      mode     = "fail"
    }

    task "measure" {
      driver = "raw_exec"

      config {
        command = "/bin/sh"
        args    = ["-c", "echo \"$NOMAD_ALLOC_NAME works in $NOMAD_TASK_DIR\"; date > \"$NOMAD_TASK_DIR/done\""]
      }

      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}
