variable "branch" {
  type    = string
  default = "main"
}

variable "workers" {
  type    = number
  default = 4
}

locals {
  platforms = ["slc8", "ubuntu2204"]
  name      = "pr-${var.branch}"
}

job "builder" {
  type      = "service"
  node_pool = "build"

  dynamic "group" {
    for_each = local.platforms
    labels   = ["build-${group.value}"]
    content {
      count = var.workers
      constraint {
        attribute    = "${meta.platforms}"
        set_contains = group.value
      }
      constraint {
        distinct_hosts = true
      }
      ephemeral_disk {
        size = 245760
      }
      task "build" {
        driver = "raw_exec"
        config {
          command = "/usr/local/bin/build"
          args    = concat(["--name", local.name], ["--platform", group.value])
        }
        resources {
          cores  = 16
          memory = 28672
        }
        kill_timeout = "2m"
      }
    }
  }
}
