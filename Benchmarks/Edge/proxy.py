#!/usr/bin/env python3
"""Measures the proxy beside HAProxy and nginx in one run: 1 KiB bodies, 64 connections, one core each.

    swift build -c release --static-swift-stdlib --product EdgeHost --scratch-path .build-release
    Benchmarks/Edge/proxy.py .build-release/release/EdgeHost [--reps 5] [--seconds 2]

Each server is pinned to the last core, the load and the backend to the first. Bursts are interleaved over the servers,
so that what else the machine does meets all of them. The figure to compare is CPU time per request: unlike requests a
second, it hardly depends on what else runs. Needs wrk, haproxy, nginx and cc.
"""
import argparse, os, re, shutil, signal, socket, statistics, subprocess, sys, tempfile, time

TICK = os.sysconf("SC_CLK_TCK")
FIRST, LAST = "0", str(max(os.cpu_count() - 1, 0))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"nothing listens on {port}")


def cpu(pids):
    """Seconds of processor time of these processes, so far: from the scheduler's own count where there is one."""
    total = 0.0
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            try:
                with open(f"/proc/{pid}/task/{task}/schedstat") as f:
                    total += int(f.read().split()[0]) / 1e9
            except (OSError, IndexError):
                with open(f"/proc/{pid}/task/{task}/stat") as f:
                    fields = f.read().rsplit(")", 1)[1].split()
                    total += (int(fields[11]) + int(fields[12])) / TICK
    return total


def own_group(pid):
    """A scheduling group of its own: several in one share the processor between cores, which slows one at random."""
    try:
        with open(f"/proc/{pid}/autogroup", "w") as f:
            f.write("-10")
    except OSError:
        pass


def start(core, *command):
    process = subprocess.Popen(
        ["taskset", "-c", core, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True)
    own_group(process.pid)
    return process


def micros(text):
    value, unit = re.match(r"([\d.]+)(us|ms|s)", text).groups()
    return float(value) * {"us": 1, "ms": 1000, "s": 1e6}[unit]


def burst(port, seconds, connections):
    out = subprocess.run(
        ["taskset", "-c", FIRST, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency",
         f"http://127.0.0.1:{port}/"], capture_output=True, text=True).stdout
    count = int(re.search(r"(\d+) requests in", out).group(1))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    p50 = micros(re.search(r"\n\s+50%\s+(\S+)", out).group(1))
    p99 = micros(re.search(r"\n\s+99%\s+(\S+)", out).group(1))
    errors = re.findall(r"Non-2xx.*|Socket errors.*", out)
    return count, rate, p50, p99, errors


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("--reps", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()
    for tool in ["wrk", "haproxy", "nginx", "cc", "taskset"]:
        if not shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin"):
            sys.exit(f"needs {tool}")
    os.environ["PATH"] += ":/usr/sbin"
    folder = tempfile.mkdtemp()
    here = os.path.dirname(os.path.abspath(__file__))
    subprocess.run(["cc", "-O2", "-o", f"{folder}/backend", f"{here}/backend.c"], check=True)
    back, ours, hap, ngx = (free_port() for _ in range(4))
    with open(f"{folder}/haproxy.cfg", "w") as f:
        f.write(f"""global
  nbthread 1
  maxconn 4096
defaults
  mode http
  option forwardfor
  http-reuse always
  timeout client 60s
  timeout connect 5s
  timeout server 60s
frontend f
  bind 127.0.0.1:{hap}
  default_backend b
backend b
  server s 127.0.0.1:{back}
""")
    with open(f"{folder}/nginx.conf", "w") as f:
        f.write(f"""worker_processes 1; daemon off; master_process off; pid {folder}/pid; error_log {folder}/err;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream u {{ server 127.0.0.1:{back}; keepalive 128; keepalive_requests 1000000000; }}
  server {{ listen 127.0.0.1:{ngx} backlog=1024; location / {{ proxy_pass http://u; proxy_http_version 1.1;
    proxy_set_header Connection ""; proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr; }} }} }}
""")
    processes = []
    try:
        processes.append(start(FIRST, f"{folder}/backend", str(back)))
        wait(back)
        servers = {
            "clusterkit": (ours, start(LAST, options.host, "proxy", str(ours), str(back))),
            "haproxy": (hap, start(LAST, "haproxy", "-db", "-f", f"{folder}/haproxy.cfg")),
            "nginx": (ngx, start(LAST, "nginx", "-p", folder, "-c", f"{folder}/nginx.conf")),
        }
        processes += [process for _, process in servers.values()]
        for port, _ in servers.values():
            wait(port)
            burst(port, 1, options.connections)
        runs = {name: [] for name in servers}
        for _ in range(options.reps):
            for name, (port, process) in servers.items():
                before = cpu([process.pid])
                count, rate, p50, p99, errors = burst(port, options.seconds, options.connections)
                used = cpu([process.pid]) - before
                runs[name].append((rate, p50, p99, used / max(count, 1) * 1e6, errors))
        print(f"{'server':12} {'req/s':>9} {'p50 us':>8} {'p99 us':>8} {'cpu us/req':>11}  min..max  errors")
        for name, rows in runs.items():
            middle = [statistics.median(row[i] for row in rows) for i in range(4)]
            costs = [row[3] for row in rows]
            errors = sorted({error for row in rows for error in row[4]})
            print(f"{name:12} {middle[0]:9.0f} {middle[1]:8.0f} {middle[2]:8.0f} {middle[3]:11.2f}  "
                  f"{min(costs):.1f}..{max(costs):.1f}  {errors or 'none'}")
        ratio = (statistics.median(r[3] for r in runs["clusterkit"])
                 / statistics.median(r[3] for r in runs["haproxy"]))
        print(f"CPU per request: {ratio:.2f} times HAProxy's")
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
