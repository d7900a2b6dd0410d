job "hello" {
  type = "batch"

  group "greeter" {
    task "greet" {
      driver = "raw_exec"
      config {
        command = "/bin/echo"
        args    = ["hello"]
      }
    }
  }
}
