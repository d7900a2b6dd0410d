# A web server behind a proxy, two instances.
job "web" {
  region      = "global"
  datacenters = ["dc1", "dc2"]
  priority    = 70

  update {
    max_parallel     = 2
    min_healthy_time = "5s"
    canary           = 1
    auto_promote     = true
  }

  constraint {
    attribute = "${attr.kernel.name}"
    value     = "linux"
  }

  group "frontend" {
    count = 2

    network {
      port "http" {}
      port "admin" {
        static = 9901
        to     = 8001
      }
    }

    service {
      name = "web"
      port = "http"
      tags = ["traefik.enable=true", "traefik.http.routers.web.rule=Host(`web.example.org`)"]

      check {
        type     = "http"
        path     = "/health"
        interval = "10s"
        timeout  = "2s"
        header {
          Accept = ["application/json"]
        }
        check_restart {
          limit = 3
          grace = "90s"
        }
      }
    }

    restart {
      attempts = 5
      delay    = "10s"
    }

    task "server" {
      driver = "raw_exec"
      config {
        command = "/usr/bin/server"
        args    = ["--port", "${NOMAD_PORT_http}"]
      }
      env {
        MODE = "fast"
        HOST = "${attr.unique.hostname}"
      }
      resources {
        cpu        = 500
        memory     = 256
        memory_max = 512
      }
      kill_signal  = "SIGTERM"
      kill_timeout = "20s"
      logs {
        max_files     = 3
        max_file_size = 5
      }
    }
  }
}
