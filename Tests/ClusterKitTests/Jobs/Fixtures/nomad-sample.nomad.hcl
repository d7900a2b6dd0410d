job "sample-svc" {
  datacenters = ["dc1"]
  meta { owner = "peer" }
  update { max_parallel = 1 }
  group "web" {
    count = 2
    network {
      port "http" {}
    }
    restart { attempts = 1 }
    task "srv" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", "echo out; echo err >&2; exec sleep 100000"]
      }
      env { FOO = "bar" }
      template {
        data        = "port={{ env \"NOMAD_PORT_http\" }}"
        destination = "local/x.txt"
      }
      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
