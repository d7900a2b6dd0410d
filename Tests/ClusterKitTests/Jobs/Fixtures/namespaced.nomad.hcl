job "team/app" {
  name      = "The app"
  namespace = "team-a"
  region    = "europe"
  group "app" {
    count = 0
    task "app" { driver = "raw_exec" }
  }
}
