job "sidecar" {
  meta {
    owner = "ops"
    tier  = "1"
  }
  group "pair" {
    meta { tier = "2" }
    network {
      mode = "host"
      port "db" { static = 5432 }
    }
    task "db" {
      driver = "raw_exec"
      config { command = "/usr/bin/postgres" }
      service {
        port = "db"
        check {
          type     = "tcp"
          interval = "5s"
          timeout  = "1s"
        }
        check {
          name     = "query"
          type     = "script"
          command  = "/usr/bin/psql"
          args     = ["-c", "select 1"]
          interval = "30s"
          timeout  = "5s"
        }
      }
    }
    task "backup" {
      driver = "raw_exec"
      config { command = "/usr/bin/backup" }
      meta { tier = "3" }
      restart {
        attempts = 0
        mode     = "fail"
      }
      kill_timeout = 45000000000
    }
  }
}
