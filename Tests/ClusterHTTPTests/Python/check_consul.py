"""What users of py-consul do, step by step. Prints one line a step; ends with a status other than 0 at the first that fails."""

import os
import sys
import threading
from urllib.parse import urlparse

import consul

address = urlparse(os.environ["CONSUL_ADDR"])
client = consul.Consul(host=address.hostname, port=address.port)


def step(name, holds):
    if not holds:
        print(f"FAILED: {name}")
        sys.exit(1)
    print(f"ok: {name}")


def refuses(error, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except error:
        return True
    return False


index, absent = client.kv.get("py/a")
step("kv.get of an absent key", absent is None and int(index) >= 1)
step("kv.put", client.kv.put("py/a", "1", flags=7) is True)
index, found = client.kv.get("py/a")
step("kv.get", found["Value"] == b"1" and found["Flags"] == 7 and found["ModifyIndex"] == int(index))
step("kv.put cas", client.kv.put("py/a", "2", cas=0) is False and client.kv.put("py/a", "2", cas=index) is True)
step("kv.put of nothing", client.kv.put("py/empty", "") is True and client.kv.get("py/empty")[1]["Value"] is None)
client.kv.put("py/b/c", "3")
step("kv.get recurse", [e["Key"] for e in client.kv.get("py/", recurse=True)[1]] == ["py/a", "py/b/c", "py/empty"])
step("kv.get keys", client.kv.get("py/", keys=True, separator="/")[1] == ["py/a", "py/b/", "py/empty"])
index, _ = client.kv.get("py/later")
timer = threading.Timer(0.2, lambda: consul.Consul(host=address.hostname, port=address.port).kv.put("py/later", "x"))
timer.start()
later, value = client.kv.get("py/later", index=index, wait="300s")
step("kv.get blocks", value["Value"] == b"x" and int(later) > int(index))
step("kv.delete", client.kv.delete("py/a") is True and client.kv.get("py/a")[1] is None)
step("kv.delete recurse", client.kv.delete("py/", recurse=True) is True and client.kv.get("py/", recurse=True)[1] is None)
step("kv.put acquire", refuses(consul.ConsulException, client.kv.put, "py/a", "1", acquire="none"))
step("unknown dc", refuses(consul.ConsulException, client.kv.get, "py/a", dc="none"))

_, services = client.catalog.services()
step("catalog.services", "consul" in services and services["web"] == ["blue", "traefik.enable=true"])
step("catalog.service", len(client.catalog.service("web")[1]) == 3)
step("catalog.service by tag", client.catalog.service("web", tag="red")[1] == [])
nodes = client.catalog.nodes()[1]
step("catalog.nodes", "m1" in [n["Node"] for n in nodes])
step("catalog.node", client.catalog.node("m1")[1]["Node"]["Address"] == "10.0.0.1")
step("catalog.datacenters", client.catalog.datacenters()[0] == "dc1")
index, found = client.health.service("web")
step("health.service", sorted(len(e["Checks"]) for e in found) == [2, 2, 2])
step("health.service passing", len(client.health.service("web", passing=True)[1]) == 1)
step("health.service blocks", client.health.service("web", index=index, wait="200ms")[0] == index)
step("health.checks", {c["Status"] for c in client.health.checks("web")[1]} == {"passing", "warning", "critical"})
step("health.state", len(client.health.state("critical")[1]) == 2)
step("health.node", client.health.node("m2")[1][0]["CheckID"] == "serfHealth")
me = client.agent.self()
step("agent.self", set(me) == {"Config", "Coord", "DebugConfig", "Member", "Meta", "Stats", "xDS"})
step("agent.members", me["Member"] in client.agent.members())
step("agent.members wan", all(m["Name"].endswith(".dc1") for m in client.agent.members(wan=True)))
step("agent.services", len(client.agent.services()) == 6)
step("agent.checks", len(client.agent.checks()) == 3)
step("status.leader", client.status.leader() == me["Stats"]["consul"]["leader_addr"])
step("status.peers", client.status.peers() == [client.status.leader()])
print("all steps done")
