job "picky" {
  datacenters = ["eu-*"]
  constraint {
    attribute = "${attr.cpu.numcores}"
    operator  = ">="
    value     = "16"
  }
  constraint {
    operator = "distinct_hosts"
    value    = "true"
  }
  group "g" {
    constraint {
      attribute = "${meta.gpu}"
      operator  = "is_set"
    }
    constraint {
      attribute = "${meta.broken}"
      operator  = "is_not_set"
    }
    constraint {
      distinct_hosts = false
    }
    task "t" {
      driver = "raw_exec"
      constraint {
        attribute        = "${meta.tags}"
        set_contains_any = "a,b"
      }
      constraint {
        attribute = "${node.class}"
        operator  = "!="
        value     = "test"
      }
    }
  }
}
