"""What users of python-nomad do, step by step. Prints one line a step; ends with a status other than 0 at the first that fails."""

import os
import queue
from urllib.parse import urlparse

import nomad
from nomad.api import exceptions

address = urlparse(os.environ["NOMAD_ADDR"])
client = nomad.Nomad(host=address.hostname, port=address.port, timeout=300)
group = {
    "Name": "web",
    "Count": 1,
    "Tasks": [{"Name": "srv", "Driver": "raw_exec", "Config": {"command": "/bin/true"}}],
}
job = {"Job": {"ID": "py/sample", "Name": "sample", "Type": "service", "Datacenters": ["dc1"], "TaskGroups": [group]}}


def step(name, holds):
    if not holds:
        raise SystemExit(f"FAILED {name}")
    print(f"OK {name}")


def refuses(error, call, *arguments):
    try:
        call(*arguments)
    except error as found:
        return bool(found.nomad_resp.text)
    return False


registered = client.job.register_job("py/sample", job)
step("job.register_job", len(registered["EvalID"]) == 36)
step("job.get_job", client.job.get_job("py/sample")["ID"] == "py/sample")
step("job in job", "py/sample" in client.job)
step("jobs.get_jobs", [found["ID"] for found in client.jobs.get_jobs(prefix="py")] == ["py/sample"])
step("jobs length", len(client.jobs) == 2 and "py/sample" in client.jobs)
step("jobs.register_job", "EvalID" in client.jobs.register_job(job))
step("jobs.parse", client.jobs.parse('job "p" { group "g" { task "t" { driver = "raw_exec" } } }')["ID"] == "p")
step("validate", client.validate.validate_job(job).json()["Error"] == "")
step("job.get_evaluations", registered["EvalID"] in [e["ID"] for e in client.job.get_evaluations("py/sample")])
step("job.get_summary", client.job.get_summary("py/sample")["JobID"] == "py/sample")
step("job.get_versions", client.job.get_versions("py/sample")["Versions"][0]["ID"] == "py/sample")
step("job.get_deployments", [d["JobID"] for d in client.job.get_deployments("py/sample")] == ["py/sample"])
step("job.evaluate_job", "EvalID" in client.job.evaluate_job("py/sample"))
nightly = {**job["Job"], "ID": "py/nightly", "Type": "batch", "Periodic": {"Enabled": True, "Spec": "0 0 1 1 *", "SpecType": "cron"}}
step("periodic job", client.job.register_job("py/nightly", {"Job": nightly})["EvalID"] == "")
step("job.periodic_job", len(client.job.periodic_job("py/nightly")["EvalID"]) == 36)
launched = [found for found in client.jobs.get_jobs(prefix="py/nightly/") if found["ParentID"] == "py/nightly"]
step("periodic child", len(launched) == 1 and launched[0]["ID"].startswith("py/nightly/periodic-"))
step("child by its name", client.job.get_summary(launched[0]["ID"])["JobID"] == launched[0]["ID"])
build = {**job["Job"], "ID": "py/build", "Type": "batch", "ParameterizedJob": {"Payload": "optional", "MetaRequired": ["commit"]}}
client.job.register_job("py/build", {"Job": build})
sent = client.job.dispatch_job("py/build", payload="aGVsbG8=", meta={"commit": "abc"}, idempotency_token="once")
step("job.dispatch_job", sent["DispatchedJobID"].startswith("py/build/dispatch-") and len(sent["EvalID"]) == 36)
again = client.job.dispatch_job("py/build", meta={"commit": "abc"}, idempotency_token="once")
step("dispatched once", again["DispatchedJobID"] == sent["DispatchedJobID"])
child = client.job.get_job(sent["DispatchedJobID"])
step("dispatched job", child["Dispatched"] and child["Meta"] == {"commit": "abc"} and child["Payload"] == "aGVsbG8=")
step("children", sum(client.job.get_summary("py/build")["Children"].values()) == 1)
step("missing meta", refuses(exceptions.BadRequestNomadException, client.job.dispatch_job, "py/build"))
for parent in ["py/build", "py/nightly"]:
    client.job.deregister_job(parent, purge=True)
step("evaluation", client.evaluation.get_evaluation(registered["EvalID"])["JobID"] == "py/sample")
step("evaluations", registered["EvalID"] in client.evaluations)
affinity = {"LTarget": "${meta.rack}", "RTarget": "a", "Operand": "=", "Weight": 20}
spread = {"Attribute": "${meta.rack}", "Weight": 50, "SpreadTarget": [{"Value": "a", "Percent": 40}]}
client.job.register_job("py/sample", {"Job": {**job["Job"], "Affinities": [affinity], "Spreads": [spread]}})
stored = client.job.get_job("py/sample")
step("job with wishes", stored["Affinities"] == [affinity] and stored["Spreads"] == [spread])
step("job sent back", "EvalID" in client.job.register_job("py/sample", {"Job": stored}))
found = client.job.get_allocations("sample-svc")
step("job.get_allocations", found[0]["Name"] == "sample-svc.web[1]")
step("allocation", client.allocation.get_allocation(found[0]["ID"])["Job"]["ID"] == "sample-svc")
step("allocations", found[0]["ID"] in [a["ID"] for a in client.allocations.get_allocations()])
node = client.nodes.get_nodes()[0]["ID"]
step("node", client.node.get_node(node)["Name"] == "peer1")
step("node offers nothing", client.node.get_node(node)["HostVolumes"] is None)
step("node.get_allocations", found[0]["ID"] in [a["ID"] for a in client.node.get_allocations(node)])
step("node.eligible_node", "NodeModifyIndex" in client.node.eligible_node(node, ineligible=True))
drained = client.node.drain_node_with_spec(node, {"Deadline": 60_000_000_000, "IgnoreSystemJobs": True})
step("node.drain_node_with_spec", "NodeModifyIndex" in drained)
strategy = client.node.get_node(node)["DrainStrategy"]
step("node is drained", strategy["Deadline"] == 60_000_000_000 and client.node.get_node(node)["Drain"])
client.node.drain_node_with_spec(node, None, mark_eligible=True)
step("node is not drained", client.node.get_node(node)["SchedulingEligibility"] == "eligible")
step("node.drain_node", "NodeModifyIndex" in client.node.drain_node(node, enable=False))
step("agent.get_agent", client.agent.get_agent()["member"]["Status"] == "alive")
step("agent.get_members", "Members" in client.agent.get_members())
step("agent.get_servers", len(client.agent.get_servers()) == 1)
step("status.leader", client.status.leader.get_leader() == client.status.peers.get_peers()[0])
step("regions", "global" in client.regions)
step("namespaces", "default" in [n["Name"] for n in client.namespaces.get_namespaces()])
step("deployments", "py/sample" in [d["JobID"] for d in client.deployments.get_deployments()])
step("unknown job", refuses(exceptions.URLNotFoundNomadException, client.job.get_job, "none"))
step("wrong job", refuses(exceptions.BadRequestNomadException, client.validate.validate_job, {}))
stream, stop, events = client.event.stream.get_stream(topic={"Job": "*"})
stream.daemon = True
stream.start()
heard = []
for attempt in range(60):
    # Nothing tells that the stream has begun, and what changed before that is not in it.
    client.job.register_job("py/sample", {"Job": {**job["Job"], "Priority": 60 + attempt % 2}})
    try:
        while "py/sample" not in heard:
            heard += [event["Key"] for event in events.get(timeout=5)["Events"] or []]
        break
    except queue.Empty:
        pass
step("event stream", "py/sample" in heard)
stop.set()
step("job.deregister_job", len(client.job.deregister_job("py/sample", purge=True)["EvalID"]) == 36)
step("job is gone", "py/sample" not in client.job)
step("system.initiate_garbage_collection", client.system.initiate_garbage_collection())
step("system.reconcile_summaries", client.system.reconcile_summaries())
print("all steps done")
os._exit(0)
