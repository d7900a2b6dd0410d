# A web service with a name, a health, a route and a secret:
#   echo -n "correct horse" | cluster secret put web password=-
#   cluster job run -var program=$PWD/.build/debug/WebService Examples/Jobs/web.nomad.hcl
#   curl -H 'Host: example.org' http://127.0.0.1:8080/path/
variable "program" {
  type        = string
  description = "the absolute path of the WebService executable"
}

job "web" {
  datacenters = ["*"]

  group "web" {
    count = 2

    network {
      port "http" {}
    }

    service {
      name = "${JOB}"
      port = "http"
      tags = [
        # Strip a /path prefix off the URLs passed to this service.
        "traefik.http.routers.job.rule=Host(`example.org`) && PathPrefix(`/path`)",
        "traefik.http.routers.job.middlewares=job-stripprefix",
        "traefik.http.middlewares.job-stripprefix.stripprefix.prefixes=/path",
      ]

      check {
        type           = "http"
        port           = "http"
        path           = "/health"
        interval       = "20s"
        timeout        = "5s"
        initial_status = "warning"
      }
    }

    task "web" {
      driver = "raw_exec"

      config {
        command = "${var.program}"
      }

      # In the task's folder for secrets, and nowhere else.
      template {
        data        = "{{ with secret \"secret/data/web\" }}{{ .Data.data.password }}{{ end }}"
        destination = "secrets/password"
      }

      resources {
        cpu    = 100
        memory = 128
      }
    }
  }
}
