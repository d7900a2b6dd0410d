# Several instances, each with a number of its own; another end with: -var last=100
variable "last" {
  type    = number
  default = 1000
}

job "counter" {
  datacenters = ["*"]

  group "count" {
    count = 3

    restart {
      attempts = 3
      interval = "10m"
      delay    = "5s"
      mode     = "fail"
    }

    task "count" {
      driver = "raw_exec"

      config {
        command = "/bin/sh"
        args = [
          "-c", "i=0; while [ $i -lt ${var.last} ]; do i=$((i+1)); echo \"$NOMAD_ALLOC_INDEX: $i\"; sleep 1; done"
        ]
      }

      env {
        LANG = "C"
      }

      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
