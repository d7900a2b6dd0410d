#!/usr/bin/env python3
"""Measures the hosts as an operator meets them and prints a table and, with --json, one JSON line a figure.

usage: measure.py BIN_FOLDER [--json]

BIN_FOLDER holds cluster-server, cluster-agent, cluster-shim and FillFolder of a release build. `wrk` is used when it is
there. Everything runs on this machine, on loopback, in a temporary folder, and ends by itself."""
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

bin_folder = os.path.abspath(sys.argv[1])
as_json = "--json" in sys.argv
work = tempfile.mkdtemp(prefix="cluster-measure-")
started = []


def tell(name, value, unit, note=""):
    if as_json:
        print(json.dumps({"figure": name, "value": value, "unit": unit, "note": note}), flush=True)
    else:
        print(f"{name:58} {value:>10} {unit:8} {note}", flush=True)


def start(*command):
    """Starts a host and waits for its line `ready`; gives the process, the seconds that took, and the API's address."""
    begun = time.monotonic()
    process = subprocess.Popen(
        [os.path.join(bin_folder, command[0]), *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True)
    started.append(process)
    address = None
    for line in process.stdout:
        found = re.search(r"http://\S+", line)
        address = address or (found and found.group(0))
        if line.strip() == "ready":
            return process, time.monotonic() - begun, address
    raise SystemExit(f"{' '.join(command)} ended before it was ready")


def stop(process):
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)


def memory(pid):
    """Resident and anonymous memory in MiB."""
    text = open(f"/proc/{pid}/smaps_rollup").read()
    read = lambda key: int(re.search(rf"^{key}:\s+(\d+)", text, re.M).group(1)) / 1024
    return round(read("Rss"), 1), round(read("Anonymous"), 2)


def call(address, path, body=None, method=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        address + path, data=data, method=method or ("POST" if data else "GET"),
        headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.loads(answer.read() or "null"), int(answer.headers.get("X-Nomad-Index") or 0)


def job(name, count=1, command="/bin/true", kind="batch", args=()):
    task = {"Name": "t", "Driver": "raw_exec", "Config": {"command": command, "args": list(args)},
            "Resources": {"CPU": 1, "MemoryMB": 10}, "LogConfig": {"MaxFiles": 1, "MaxFileSizeMB": 1}}
    group = {"Name": "g", "Count": count, "Tasks": [task], "EphemeralDisk": {"SizeMB": 10}}
    return {"Job": {"ID": name, "Name": name, "Type": kind, "Datacenters": ["*"], "TaskGroups": [group]}}


def until_complete(address, name, count):
    """Waits, by blocking queries, until `count` allocations of the job are complete."""
    index = 0
    while True:
        allocations, index = call(address, f"/v1/job/{name}/allocations?index={index}&wait=60s")
        states = [allocation["ClientStatus"] for allocation in allocations or []]
        if states.count("complete") >= count:
            return
        if "failed" in states:
            raise SystemExit(f"an allocation of {name} failed")


def measure_start_and_rest():
    times = []
    for number in range(10):
        process, seconds, _ = start("cluster-server", "--data-dir", f"{work}/start-{number}", "--http-port", "0")
        times.append(seconds * 1000)
        if number == 9:
            time.sleep(3)
            resident, anonymous = memory(process.pid)
        stop(process)
    tell("server: start to ready, median of 10", round(statistics.median(times)), "ms", "aim 200")
    tell("server: resident at rest", resident, "MiB", "aim 32")
    tell("server: anonymous at rest", anonymous, "MiB", "aim 8")


def measure_agent_and_shim():
    server, _, address = start("cluster-server", "--data-dir", f"{work}/apart", "--http-port", "0")
    agent = subprocess.Popen(
        [f"{bin_folder}/cluster-agent", "--server", address, "--data-dir", f"{work}/agent"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    started.append(agent)
    while not call(address, "/v1/nodes")[0]:
        time.sleep(0.1)
    time.sleep(3)
    resident, anonymous = memory(agent.pid)
    tell("agent: resident at rest", resident, "MiB", "aim 25")
    tell("agent: anonymous at rest", anonymous, "MiB", "aim 6")
    call(address, "/v1/jobs", job("sleeper", command="/bin/sleep", args=["1000"], kind="service"))
    deadline = time.monotonic() + 30
    shims = []
    while not shims and time.monotonic() < deadline:
        time.sleep(0.5)
        listed = subprocess.run(["pgrep", "-x", "cluster-shim"], capture_output=True, text=True).stdout.split()
        shims = listed
    time.sleep(1)
    if shims:
        resident, anonymous = memory(shims[0])
        tell("shim: resident", resident, "MiB")
        tell("shim: anonymous", anonymous, "MiB", "aim 1")
    call(address, "/v1/job/sleeper?purge=true", method="DELETE")
    time.sleep(2)
    stop(agent)
    stop(server)


def measure_jobs():
    server, _, address = start("cluster-server", "--dev", "--data-dir", f"{work}/dev", "--http-port", "0")
    while not call(address, "/v1/nodes")[0]:
        time.sleep(0.05)
    times = []
    for number in range(50):
        begun = time.monotonic()
        call(address, "/v1/jobs", job(f"true-{number}"))
        until_complete(address, f"true-{number}", 1)
        times.append((time.monotonic() - begun) * 1000)
    times.sort()
    tell("submit to complete of /bin/true, p50 of 50", round(times[25], 1), "ms", "aim 40")
    tell("submit to complete of /bin/true, p90 of 50", round(times[45], 1), "ms")
    begun = time.monotonic()
    call(address, "/v1/jobs", job("many", count=200))
    until_complete(address, "many", 200)
    tell("200 tasks of /bin/true in one job", round(200 / (time.monotonic() - begun)), "tasks/s", "aim 100")
    stop(server)


def measure_registering():
    if not shutil.which("wrk"):
        return print("registering: skipped: needs wrk")
    server, _, address = start("cluster-server", "--data-dir", f"{work}/register", "--http-port", "0")
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "register.lua")
    output = subprocess.run(
        ["wrk", "-t1", "-c64", "-d5s", "-s", script, address], capture_output=True, text=True, timeout=60).stdout
    jobs, seconds, bad = re.search(r"registered (\d+) jobs in ([\d.]+) s, (\d+) answers", output).groups()
    note = "aim 2000" if bad == "0" else f"aim 2000; {bad} refused"
    tell("register with 64 clients, durable", round(int(jobs) / float(seconds)), "jobs/s", note)
    stop(server)


def measure_full_folder():
    folder = f"{work}/full"
    subprocess.run([f"{bin_folder}/FillFolder", f"{folder}/store", "10000"], check=True, stdout=subprocess.DEVNULL)
    times = []
    for _ in range(5):
        process, seconds, address = start("cluster-server", "--data-dir", folder, "--http-port", "0")
        times.append(seconds * 1000)
        found = len(call(address, "/v1/allocations")[0])
        if found != 10000:
            raise SystemExit(f"the folder holds 10000 allocations, the server shows {found}")
        stop(process)
    tell("server: start to ready with 10,000 allocations, median", round(statistics.median(times)), "ms", "aim 1000")


def measure_idle_jobs(seconds=60):
    for count in [0, 10000]:
        output = subprocess.run(
            [f"{bin_folder}/FillFolder", f"{work}/idle-{count}", str(count), "1", str(seconds)], check=True,
            capture_output=True, text=True).stdout
        spent = int(re.search(r"(\d+) ms of processor time", output).group(1))
        tell(f"server: processor in {seconds} s, {count} idle jobs", spent, "ms", "39 nodes beat every 5 s")


def measure_sizes():
    for name in ["cluster-server", "cluster-agent", "cluster", "cluster-shim"]:
        path = os.path.join(bin_folder, name)
        stripped = os.path.join(work, name)
        subprocess.run(["strip", "-o", stripped, path], check=True)
        tell(f"size of {name}, stripped", round(os.path.getsize(stripped) / 2**20, 1), "MiB")


try:
    measure_start_and_rest()
    measure_agent_and_shim()
    measure_jobs()
    measure_registering()
    measure_full_folder()
    measure_idle_jobs()
    measure_sizes()
finally:
    for process in started:
        if process.poll() is None:
            process.kill()
    shutil.rmtree(work, ignore_errors=True)
