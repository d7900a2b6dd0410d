job "svc" {
  group "api" {
    network {
      port "api" {}
      port "metrics" {}
    }
    service {
      name         = "${JOB}-${TASKGROUP}-${BASE}"
      port         = "api"
      provider     = "nomad"
      address_mode = "host"
      canary_tags  = ["canary"]
      meta { team = "x" }
      on_update = "ignore_warnings"
      check_restart {
        limit           = 2
        ignore_warnings = true
      }
      check {
        type            = "http"
        port            = "metrics"
        protocol        = "https"
        tls_skip_verify = true
        method          = "POST"
        body            = "{}"
        path            = "/metrics"
        interval        = "1m"
        timeout         = "10s"
        initial_status  = "passing"
        success_before_passing   = 2
        failures_before_critical = 3
      }
    }
    service {
      port = "metrics"
    }
    task "api" { driver = "raw_exec" }
  }
}
