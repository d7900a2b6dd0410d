variable "debug" {
  type    = bool
  default = false
}
variable "env" {
  type    = map(string)
  default = { A = "1", B = "2" }
}
job "expressions" {
  group "g" {
    count = var.debug ? 1 : 3
    task "t" {
      driver = lower("RAW_EXEC")
      config {
        command = "/bin/${"true"}"
        args    = [for k, v in var.env : "${k}=${v}"]
      }
      env = merge(var.env, { NODE = "${node.unique.name}", "C" = format("%03d", 7) })
      resources { memory = 64 * 4 }
    }
  }
}
