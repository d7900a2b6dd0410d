#!/usr/bin/env python3
"""Measures the DNS server beside unbound and prints a table and, with --json, one JSON line a figure.

usage: dns.py BIN_FOLDER [--json] [--seconds=2] [--repetitions=5]

BIN_FOLDER holds EdgeHost of a release build. Needs dnsperf and unbound (Debian: dnsperf, unbound). Both serve the same
1,000 services with three addresses each, both on core 1 alone; dnsperf asks from core 0, in bursts that alternate
between the two, so that whatever else the machine does meets both. A question is one of A (70 %), SRV (20 %) and a name
that does not exist (10 %). CPU time per query is the server's own, user and system, from /proc: it depends little on
how fast dnsperf asks. The median of the bursts counts."""
import json
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

options = dict(a[2:].split("=", 1) for a in sys.argv[1:] if a.startswith("--") and "=" in a)
folders = [a for a in sys.argv[1:] if not a.startswith("--")]
as_json = "--json" in sys.argv
seconds = float(options.get("seconds", 2))
repetitions = int(options.get("repetitions", 5))
SERVICES, INSTANCES, NODES = 1000, 3, 37
work = tempfile.mkdtemp(prefix="cluster-dns-")
started = []


def need(program):
    found = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if not found:
        raise SystemExit(f"{program} is not there; on Debian: apt-get install {program}")
    return found


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(command, **more):
    """Starts a server on core 1, in a session of its own so that it gets a share of the machine of its own."""
    process = subprocess.Popen(["taskset", "-c", "1", *command], start_new_session=True, **more)
    started.append(process)
    return process


def start_ours():
    port = free_port()
    process = start([os.path.join(os.path.abspath(folders[0]), "EdgeHost"), "dns", str(port)], stdout=subprocess.DEVNULL)
    return process, port


def start_unbound():
    """The same zone as local data: what unbound answers without asking anyone."""
    port = free_port()
    lines = [
        "server:", " interface: 127.0.0.1", f" port: {port}", " num-threads: 1", " do-daemonize: no", ' username: ""',
        ' chroot: ""', ' pidfile: ""', f' directory: "{work}"', " use-syslog: no", " verbosity: 0",
        " access-control: 127.0.0.0/8 allow", " so-reuseport: no", " rrset-roundrobin: yes",
        ' local-zone: "consul." static',
        ' local-data: "consul. 0 IN SOA ns.consul. hostmaster.consul. 1 3600 600 86400 0"']
    for node in range(NODES):
        lines.append(f' local-data: "node{node}.node.dc1.consul. 0 IN A 10.0.0.{node + 1}"')
    for service in range(SERVICES):
        for number in range(INSTANCES):
            node = (service * INSTANCES + number) % NODES
            name = f"service{service}.service.consul."
            lines.append(f' local-data: "{name} 0 IN A 10.0.0.{node + 1}"')
            lines.append(f' local-data: "{name} 0 IN SRV 1 1 {20000 + number} node{node}.node.dc1.consul."')
    path = os.path.join(work, "unbound.conf")
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\nremote-control:\n control-enable: no\n")
    log = open(os.path.join(work, "unbound.log"), "w")
    return start([need("unbound"), "-d", "-c", path], stderr=log, stdout=log), port


def until_it_answers(name, process, port):
    query = b"\x12\x34\x01\x00\x00\x01" + bytes(6) + b"\x08service0\x07service\x06consul\x00\x00\x01\x00\x01"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.2)
        for _ in range(100):
            if process.poll() is not None:
                raise SystemExit(f"{name} ended with {process.returncode}")
            try:
                client.sendto(query, ("127.0.0.1", port))
                answer = client.recv(4096)
                if answer[3] & 15 == 0 and answer[6:8] == b"\x00\x03":
                    return
            except (TimeoutError, ConnectionRefusedError):
                time.sleep(0.1)
    raise SystemExit(f"{name} does not answer with three addresses")


def write_questions():
    random.seed(53)
    path = os.path.join(work, "questions")
    with open(path, "w") as file:
        for _ in range(20000):
            service, dice = random.randrange(SERVICES), random.random()
            if dice < 0.7:
                file.write(f"service{service}.service.consul A\n")
            elif dice < 0.9:
                file.write(f"service{service}.service.consul SRV\n")
            else:
                file.write(f"nothing{service}.service.consul A\n")
    return path


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    return int(re.search(r"^VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read(), re.M).group(1)) / 1024


def burst(process, port, questions):
    """One run of dnsperf: queries a second, CPU microseconds a query, queries lost."""
    before = cpu_seconds(process.pid)
    output = subprocess.run(
        ["taskset", "-c", "0", need("dnsperf"), "-s", "127.0.0.1", "-p", str(port), "-d", questions, "-l",
         str(seconds), "-c", "4", "-q", "100", "-t", "1"],
        capture_output=True, text=True, check=True).stdout
    spent = cpu_seconds(process.pid) - before
    number = lambda pattern: float(re.search(pattern, output).group(1))
    done = number(r"Queries completed:\s+(\d+)")
    return number(r"Queries per second:\s+([\d.]+)"), spent / done * 1e6, number(r"Queries lost:\s+(\d+)")


def main():
    if len(folders) != 1:
        raise SystemExit(__doc__)
    need("dnsperf"), need("unbound"), need("taskset")
    questions = write_questions()
    targets = {"cluster": start_ours(), "unbound": start_unbound()}
    for name, (process, port) in targets.items():
        until_it_answers(name, process, port)
        burst(process, port, questions)
    results = {name: [] for name in targets}
    for _ in range(repetitions):
        for name, (process, port) in targets.items():
            results[name].append(burst(process, port, questions))
    if not as_json:
        print(f"{'server':10} {'q/s median':>11} {'min':>8} {'max':>8} {'CPU us/query':>13} {'min':>6} {'max':>6} "
              f"{'lost':>5} {'MiB':>6}")
    for name, rows in results.items():
        rates, costs, lost = zip(*rows)
        size = memory(targets[name][0].pid)
        rate, cost = statistics.median(rates), statistics.median(costs)
        if as_json:
            for figure, value, unit in [("queries", round(rate), "1/s"), ("cpu", round(cost, 2), "us/query"),
                                        ("memory", round(size, 1), "MiB")]:
                print(json.dumps({"figure": f"dns {figure}, {name}", "value": value, "unit": unit}), flush=True)
        else:
            print(f"{name:10} {rate:11.0f} {min(rates):8.0f} {max(rates):8.0f} {cost:13.2f} {min(costs):6.2f} "
                  f"{max(costs):6.2f} {sum(lost):5.0f} {size:6.1f}", flush=True)


try:
    main()
finally:
    for process in started:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
    shutil.rmtree(work, ignore_errors=True)
