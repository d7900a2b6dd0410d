# A service that greets every few seconds:
#   cluster job run Examples/Jobs/hello.nomad.hcl
#   cluster alloc logs -f ALLOCATION
job "hello" {
  datacenters = ["*"]

  group "greeters" {
    task "greet" {
      driver = "raw_exec"

      config {
        command = "/bin/sh"
        args    = ["-c", "while :; do echo \"Hello from $NOMAD_ALLOC_ID\"; sleep 3; done"]
      }

      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
