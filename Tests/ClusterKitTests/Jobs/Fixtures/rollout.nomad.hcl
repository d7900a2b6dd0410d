job "rollout" {
  update { max_parallel = 3 }
  group "own" {
    count = 6
    update {
      health_check      = "task_states"
      healthy_deadline  = "2m"
      progress_deadline = "0s"
      auto_revert       = true
    }
    task "t" { driver = "raw_exec" }
  }
  group "inherits" {
    task "t" { driver = "raw_exec" }
  }
}
