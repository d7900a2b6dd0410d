/// Job files as people write them.
enum Fixtures {
    static let all = [web, batch, periodic, edge]

    static let web = #"""
        variable "image_tag" {
          type        = string
          default     = "1.4.2"
          description = "What to roll out"
        }

        variable "ports" {
          type    = map(number)
          default = { http = 8080, admin = 9090 }
        }

        locals {
          image = "registry.example/web:${var.image_tag}"
          names = [for name, port in var.ports : "${name}:${port}"]
        }

        job "web" {
          datacenters = ["dc1", "dc2"]
          type        = "service"
          priority    = 50 + 10

          constraint {
            attribute = "${attr.kernel.name}"
            value     = "linux"
          }

          update {
            max_parallel = 2
            canary       = 1
            healthy_deadline = "5m"
          }

          group "front" {
            count = length(local.names) > 1 ? 3 : 1

            network {
              mode = "bridge"
              dynamic "port" {
                for_each = var.ports
                labels   = [port.key]
                content { to = port.value }
              }
            }

            task "server" {
              driver = "docker"
              config {
                image = local.image
                args  = ["-listen", ":${NOMAD_PORT_http}", "-names", join(",", local.names)]
                mount {
                  type   = "bind"
                  source = "local/app.conf"
                }
              }
              template {
                data = <<-EOT
                  {{ range service "db" }}
                  server = {{ .Address }}:{{ .Port }}
                  {{ end }}
                  self = ${node.unique.name}/${meta["rack"]}
                EOT
                destination = "local/app.conf"
              }
              env {
                HOME  = "${env["HOME"]}"
                TITLE = title("hello world")
              }
              resources { cpu = 500 }
            }
          }
        }
        """#

    static let batch = """
        // A build of a pull request.
        job "build-[pr]" {
          type = "batch"
          parameterized {
            payload       = "optional"
            meta_required = ["commit"]
          }
          /* one group,
             one task */
          group "build" {
            restart { attempts = 0 }
            task "make" {
              driver = "exec"
              config {
                command = "/bin/sh"
                args    = ["-c", "make -j${attr.cpu.numcores} $${TARGETS}"]
              }
              resources {
                cpu    = 16000
                memory = 28 * 1024
              }
              kill_timeout = "${5 * 6}s"
            }
          }
        }
        """

    static let periodic = """
        job "tidy" {
          periodic {
            crons            = ["0 3 * * *", "30 12 * * SUN"]
            prohibit_overlap = true
            time_zone        = "Europe/Zurich"
          }
          group "tidy" {
            task "sweep" {
              driver = "raw_exec"
              config = { command = "sweep", args = ["--older-than", format("%03dd", 30)] }
              env = merge({ A = "1" }, { B = upper("b") })
            }
          }
        }
        """

    static let edge = """
        namespace "builds" {
          policy       = "write"
          capabilities = ["submit-job", "read-logs"]
        }
        agent { policy = "read" }
        server {
          enabled = true
          retry_join = ["10.0.0.${1 + 1}", "10.0.0.3"]
          text = "%{ for i, x in ["a", "b"] ~} ${i}=${x} %{ if i < 1 }, %{ endif }%{ endfor }"
        }
        """
}
