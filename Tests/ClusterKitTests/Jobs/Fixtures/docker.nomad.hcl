job "cache" {
  group "cache" {
    network { port "redis" { to = 6379 } }
    task "redis" {
      driver = "docker"
      config {
        image = "redis:7"
        ports = ["redis"]
        port_map {
          redis = 6379
        }
        labels = {
          "com.example.tier" = "cache"
        }
        ulimit {
          nofile = "4096:8192"
        }
        mount {
          type   = "bind"
          source = "local"
        }
        mount {
          type   = "tmpfs"
          target = "/run"
        }
        shm_size = 67108864
        cpu_quota = 1.5
        privileged = false
      }
    }
  }
}
