"""What users of hvac do, step by step. Prints one line a step; ends with a status other than 0 at the first that fails."""

import os
import sys

import hvac
from hvac import exceptions

client = hvac.Client(url=os.environ["VAULT_ADDR"], token="anything", timeout=300)


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


kv = client.secrets.kv.v2
step("is_authenticated", client.is_authenticated())
step("no token", not hvac.Client(url=os.environ["VAULT_ADDR"], timeout=300).is_authenticated())
step("is_initialized", client.sys.is_initialized())
step("is_sealed", not client.sys.is_sealed())
step("seal status", client.seal_status["t"] == 1)
step("health by HEAD", client.sys.read_health_status().status_code == 200)
step("health by GET", client.sys.read_health_status(method="GET")["sealed"] is False)
step("leader", client.sys.read_leader_status()["is_self"] is True)
step("mounts", client.sys.list_mounted_secrets_engines()["data"]["secret/"]["options"]["version"] == "2")
data = {"user": "u", "nested": {"list": [1, 2.5, None, True]}, "text": "ü\n"}
step("absent", refuses(exceptions.InvalidPath, kv.read_secret_version, path="py/app", raise_on_deleted_version=True))
written = kv.create_or_update_secret(path="py/app", secret=data, cas=0)
step("create", written["data"]["version"] == 1)
step("read", kv.read_secret_version(path="py/app", raise_on_deleted_version=True)["data"]["data"] == data)
step("cas", refuses(exceptions.InvalidRequest, kv.create_or_update_secret, path="py/app", secret={}, cas=0))
step("patch", kv.patch(path="py/app", secret={"user": "v"})["data"]["version"] == 2)
read = kv.read_secret_version(path="py/app", raise_on_deleted_version=True)["data"]
step("patched", read["data"] == {**data, "user": "v"} and read["metadata"]["version"] == 2)
first = kv.read_secret_version(path="py/app", version=1, raise_on_deleted_version=True)
step("version", first["data"]["data"]["user"] == "u")
kv.create_or_update_secret(path="py/app/sub", secret={"a": "b"})
step("list", kv.list_secrets(path="py")["data"]["keys"] == ["app", "app/"])
step("list nothing", refuses(exceptions.InvalidPath, kv.list_secrets, path="none"))
kv.delete_latest_version_of_secret(path="py/app")
gone = kv.read_secret_version(path="py/app", raise_on_deleted_version=False)
step("deleted", gone["data"]["data"] is None and gone["data"]["metadata"]["deletion_time"] != "")
step(
    "deleted raises",
    refuses(exceptions.InvalidPath, kv.read_secret_version, path="py/app", raise_on_deleted_version=True),
)
kv.undelete_secret_versions(path="py/app", versions=[2])
step("undelete", kv.read_secret_version(path="py/app", raise_on_deleted_version=True)["data"]["data"]["user"] == "v")
kv.delete_secret_versions(path="py/app", versions=[1])
kv.destroy_secret_versions(path="py/app", versions=[1])
kv.update_metadata(path="py/app", max_versions=5, cas_required=False, custom_metadata={"owner": "us"})
metadata = kv.read_secret_metadata(path="py/app")["data"]
step("destroy", metadata["versions"]["1"]["destroyed"] is True)
step("metadata", metadata["max_versions"] == 5 and metadata["custom_metadata"] == {"owner": "us"})
step("configuration", kv.read_configuration()["data"]["cas_required"] is False)
kv.delete_metadata_and_all_versions(path="py/app")
step("removed", refuses(exceptions.InvalidPath, kv.read_secret_metadata, path="py/app"))
step("other mount", refuses(exceptions.InvalidPath, kv.read_secret_metadata, path="a", mount_point="kv"))
print("all steps done")
