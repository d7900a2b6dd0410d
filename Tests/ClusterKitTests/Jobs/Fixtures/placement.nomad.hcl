job "placed" {
  constraint {
    attribute = "${attr.os.version}"
    version   = ">= 7, < 10"
  }
  constraint {
    distinct_property = "${meta.rack}"
    value             = "2"
  }
  affinity {
    attribute = "${node.datacenter}"
    value     = "dc1"
  }
  spread {
    attribute = "${node.datacenter}"
    target "dc1" { percent = 70 }
    target "dc2" { percent = 30 }
  }
  group "g" {
    count      = 4
    node_pools = ["gpu", "default"]
    constraint {
      attribute = "${attr.cpu.modelname}"
      regexp    = "^(AMD|Intel)"
    }
    constraint {
      attribute = "${meta.release}"
      operator  = "semver"
      value     = ">= 1.2.0"
    }
    affinity {
      attribute        = "${meta.tags}"
      set_contains_any = "fast,new"
      weight           = -20
    }
    spread {
      attribute = "${meta.rack}"
      weight    = 100
    }
    volume "repo" {
      type      = "host"
      source    = "alidist"
      read_only = true
    }
    volume "cache" {
      type   = "host"
      source = "ccache"
    }
    task "t" {
      driver = "raw_exec"
      affinity {
        attribute = "${attr.kernel.version}"
        operator  = "version"
        value     = "~> 5.10"
        weight    = 100
      }
      resources {
        cores      = 2
        memory     = 256
        memory_max = 1024
        device "nvidia/gpu" {
          count = 2
          constraint {
            attribute = "${device.attr.memory}"
            operator  = ">="
            value     = "16 GiB"
          }
          affinity {
            attribute = "${device.model}"
            regexp    = "^a100"
            weight    = 75
          }
        }
        device "fpga" {}
      }
    }
  }
  group "h" {
    node_pool = "arm"
    constraint {
      attribute        = "${meta.tags}"
      set_contains_all = "a,b"
    }
    constraint {
      attribute = "${meta.old}"
      operator  = "not"
      value     = "yes"
    }
    constraint {
      attribute = "${attr.cpu.arch}"
      operator  = "is"
      value     = "arm64"
    }
    task "t" { driver = "raw_exec" }
  }
}
