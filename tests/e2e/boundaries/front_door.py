#!/usr/bin/python3
"""What nginx refuses by itself, as callers meet it: gRPC clients get a status that says what is wrong, others get words.

front_door.py FOLDER PORT LAB: the region's folder, nginx's port, and the process of `lab`, which is ended."""
import http.client
import os
import signal
import ssl
import subprocess
import sys

import grpc

FOLDER, PORT, LAB = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
GET_REFERRAL = "/yilian.referral.v1.ReferralService/GetReferral"
GET_REPORT = "/yilian.lab.v1.LabService/GetReport"
faults = 0


def expect(what, wanted, got):
    global faults
    if all(part in got for part in wanted):
        print(f"✓ {what}: {got}")
    else:
        faults += 1
        print(f"✗ {what}: wanted {wanted}, got {got}")


def read(name):
    with open(f"{FOLDER}/pki/{name}", "rb") as file:
        return file.read()


def channel(identity):
    """`identity`: a certificate of pki/, or None."""
    pair = (read(f"{identity}.key"), read(f"{identity}.pem")) if identity else (None, None)
    return grpc.secure_channel(f"127.0.0.1:{PORT}", grpc.ssl_channel_credentials(read("ca.pem"), *pair))


def ask(identity, path, body=b"", metadata=()):
    """Code and words of the answer, as a gRPC client has them."""
    with channel(identity) as opened:
        try:
            opened.unary_unary(path)(body, timeout=30, metadata=metadata)
        except grpc.RpcError as error:
            return f"{error.code().name} {error.details()}"
    return "OK"


def http1(method, path, headers, tls=True):
    """Status, kind and words of the answer over HTTP/1.1."""
    context = ssl.create_default_context(cafile=f"{FOLDER}/pki/ca.pem")
    context.check_hostname = False
    context.load_cert_chain(f"{FOLDER}/pki/yilianctl.pem", f"{FOLDER}/pki/yilianctl.key")
    connection = (http.client.HTTPSConnection("127.0.0.1", PORT, context=context, timeout=30) if tls
                  else http.client.HTTPConnection("127.0.0.1", PORT, timeout=30))
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    return f"{answer.status} {answer.getheader('content-type')} {answer.read().decode().strip()}"


def foreign():
    """A certificate with a name of the region, of another authority."""
    base = f"{FOLDER}/pki/foreign"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
         "/CN=foreign", "-addext", "subjectAltName=URI:spiffe://yilian.local/client/yilianctl", "-keyout", f"{base}.key",
         "-out", f"{base}.pem"], check=True, stderr=subprocess.DEVNULL)
    return "foreign"


def main():
    me = "yilianctl"
    # What the others are measured by: a call that comes through.
    expect("a call", ["UNAUTHENTICATED", "sign"], ask(me, GET_REFERRAL))
    expect("an unknown method", ["UNIMPLEMENTED", "no service has this method"], ask(me, "/yilian.nowhere.v1.Nothing/Get"))
    for path in ("/grpc.health.v1.Health/Check", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"):
        expect("what only the inside may ask", ["UNIMPLEMENTED", "no service has this method"], ask(me, path))
    expect("the event feed of no service", ["UNIMPLEMENTED", "yilian-service"], ask(me, "/yilian.event.v1.EventFeed/Stream"))
    expect("the event feed of a service that is none", ["UNIMPLEMENTED", "yilian-service"],
           ask(me, "/yilian.event.v1.EventFeed/Stream", metadata=[("yilian-service", "nowhere")]))
    expect("no certificate", ["UNAUTHENTICATED", "client certificate"], ask(None, GET_REFERRAL))
    expect("another authority's certificate", ["UNAUTHENTICATED", "client certificate"], ask(foreign(), GET_REFERRAL))
    expect("more than anybody takes", ["RESOURCE_EXHAUSTED"], ask(me, GET_REFERRAL, bytes(65 << 20)))
    expect("a browser", ["415 text/plain", "speaks gRPC"], http1("GET", "/", {}))
    expect("JSON", ["415 text/plain", "speaks gRPC"], http1("POST", GET_REFERRAL, {"content-type": "application/json"}))
    expect("gRPC over HTTP/1.1, which has no trailers", ["415 text/plain", "HTTP/2"],
           http1("POST", GET_REFERRAL, {"content-type": "application/grpc", "te": "trailers"}))
    expect("no TLS", ["400 text/plain", "TLS only"], http1("GET", "/", {}, tls=False))

    os.kill(LAB, signal.SIGKILL)
    expect("a service that is not there", ["UNAVAILABLE", "the service does not answer"], ask(me, GET_REPORT))
    expect("another one meanwhile", ["UNAUTHENTICATED", "sign"], ask(me, GET_REFERRAL))
    return faults


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
