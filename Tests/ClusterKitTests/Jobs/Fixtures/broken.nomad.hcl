job "broken" {
  priority = 200

  group "web" {
    cuont = 2

    network {
      port "http" {}
    }

    task "srv" {
      driver = "raw_exec"

      config {
        command = "/bin/${var.missing}"
      }

      artifact {
        source = "x"
      }

      resources {
        memory = 5
      }

      service {
        port = "htpp"
      }
    }
  }
}
