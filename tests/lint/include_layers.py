"""Arrows point one way: rpc -> domain <- store; common knows no service; a service knows no other service."""

import re

from source_tree import Finding

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]')

# What a layer of services/<service>/ may not include: (pattern of the include, why).
SQL = (r"^common/mysql/|^mysql/|^cppconn/|^conncpp", "SQL belongs to store/")
GRPC = (r"^grpc|\.pb\.h$|^google/(protobuf|rpc)/|^common/(rpc|service)/", "gRPC and generated types belong to rpc/ and clients/")


def _own(*layers):
    return (r"^services/[^/]+/(" + "|".join(layers) + ")/", "arrows point from " + ", ".join(layers) + " to here, not back")


LAYERS = {
    "domain": [SQL, GRPC, _own("store", "rpc", "clients", "jobs", "app"),
               (r"^common/(outbox|idempotency|audit|unit|saga|observe)/", "the domain is pure: state and command to new state")],
    "store": [(r"^grpc", "the store knows no gRPC"), (r"^common/(rpc|service)/", "the store knows no gRPC"),
              _own("rpc", "clients", "jobs", "app")],
    "rpc": [SQL, _own("store", "jobs", "app", "clients")],
    "clients": [SQL, _own("store", "rpc", "jobs", "app")],
    "jobs": [_own("rpc", "app")],
}


def check(file):
    """Findings for one C++ file."""
    if file.language != "cc":
        return []
    parts = file.path.split("/")
    is_test = bool(re.search(r"_(test|fixture)\.(cc|h)$", file.name)) or "testing" in parts
    findings = []

    def report(number, what, remedy):
        if not file.allows(number, "include-layer"):
            findings.append(Finding(file.path, number, "include-layer", what, remedy))

    for number, line in file.code_lines():
        match = INCLUDE.match(line)
        if not match:
            continue
        included = match.group(1)
        if included.startswith("../") or included.startswith("./"):
            report(number, f'"{included}" is written from this folder', "write includes from the top of the tree")
        if parts[0] == "common":
            if included.startswith("services/"):
                report(number, "common includes a service", "turn the arrow round: the service passes what is needed")
            if included.startswith("tests/") and not is_test:
                report(number, "the product includes the tests", "move what both need into common/")
        if parts[0] == "services" and len(parts) > 2:
            service = parts[1]
            if included.startswith("services/") and included.split("/")[1] != service:
                report(number, f"{service} includes {included.split('/')[1]}",
                       "call it through its protos (clients/), or move the mechanism to common/")
            if included.startswith("tests/") and not is_test:
                report(number, "the product includes the tests", "move what both need into common/")
            if is_test:
                continue  # a test may look at its subject from more than one side
            for pattern, why in LAYERS.get(parts[2], []):
                if re.search(pattern, included):
                    report(number, f"{parts[2]}/ includes {included}", why)
    return findings
