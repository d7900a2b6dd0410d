#!/usr/bin/env python3
"""Replaces every instance of a web service, one after the other, under load through the proxy, and counts what failed.

    Benchmarks/Edge/rolling.py .build-release/release [--seconds 40] [--instances 3]

The folder holds cluster-server, cluster, cluster-shim and WebService of a release build. Needs wrk (Debian: wrk). The
next instance is stopped only when the one before is replaced and passes its check. Ends with 1 when a request failed.
"""
import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

JOB = """
job "web" {
  group "web" {
    count = %d
    network {
      port "http" {}
    }
    service {
      name = "web"
      port = "http"
      tags = ["traefik.http.routers.web.rule=Host(`example.org`)"]
      check {
        type     = "http"
        path     = "/health"
        interval = "1s"
        timeout  = "1s"
      }
    }
    task "web" {
      driver = "raw_exec"
      config {
        command = "%s/WebService"
      }
      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
"""


def until(holds, what, limit=60):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        value = holds()
        if value:
            return value
        time.sleep(0.1)
    sys.exit(f"rolling: {what} did not come about in {limit} s")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--seconds", type=int, default=40)
    parser.add_argument("--instances", type=int, default=3)
    options = parser.parse_args()
    programs = os.path.abspath(options.folder)
    data = tempfile.mkdtemp(prefix="cluster-rolling.")
    output = open(data + "/output", "w+")
    ports = [word for name in ("http", "consul", "vault", "dns", "proxy") for word in (f"--{name}-port", "0")]
    server = subprocess.Popen(
        [programs + "/cluster-server", "--dev", "--data-dir", data + "/data", *ports], stdout=output, stderr=output)
    try:
        text = until(lambda: (t := open(data + "/output").read()).endswith("\nready\n") and t, "a server")
        place = {m[0].strip(): m[1] for m in re.findall(r"^(\w[\w ]*?)  +(\S+)", text, re.M)}

        def passing():
            with urllib.request.urlopen(place["Consul API"] + "/v1/health/service/web?passing") as reply:
                return {entry["Service"]["ID"][12:48] for entry in json.load(reply)}

        def cluster(*arguments, **more):
            environment = {"NOMAD_ADDR": place["Nomad API"], "PATH": os.environ["PATH"]}
            subprocess.run([programs + "/cluster", *arguments], env=environment, check=True,
                           stdout=subprocess.DEVNULL, **more)

        cluster("job", "run", "-detach", "-", input=(JOB % (options.instances, programs)).encode())
        until(lambda: len(passing()) == options.instances, "all instances")
        load = subprocess.Popen(
            ["wrk", "-t1", "-c32", f"-d{options.seconds}s", "--latency", "-H", "Host: example.org",
             place["Proxy"] + "/"], stdout=subprocess.PIPE, text=True)
        time.sleep(2)
        for old in sorted(passing()):
            cluster("alloc", "stop", "-detach", old)
            until(lambda: old not in (now := passing()) and len(now) == options.instances, f"a successor of {old}")
            time.sleep(1)
        if load.poll() is not None:
            sys.exit("rolling: the load ended before all were replaced; give --seconds more")
        report = load.communicate()[0]
        print(report)
        requests = int(re.search(r"(\d+) requests in", report)[1])
        failed = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", report)))
        for errors in re.findall(r"Socket errors: (.*)", report):
            failed += sum(map(int, re.findall(r"\d+", errors)))
        print(f"{requests} requests, {failed} failed, {options.instances} instances replaced")
        sys.exit(1 if failed else 0)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


if __name__ == "__main__":
    main()
