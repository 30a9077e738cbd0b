"""The public API in Python, made from proto/ alone with Debian's grpcio. Calls that change something are made as a client has to make
them: the same request until there is an answer."""
import importlib
import re
import subprocess
import sys
import threading
import time
import uuid

from system import ROOT, Failed


def generate(into):
    protos = sorted(str(p.relative_to(ROOT / "proto")) for p in (ROOT / "proto").glob("**/*.proto"))
    subprocess.run(["protoc", f"-I{ROOT / 'proto'}", f"--python_out={into}", f"--grpc_python_out={into}",
                    "--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin", *protos], check=True)
    sys.path.insert(0, str(into))


def messages(service):
    """The messages of proto/wutong/v1/SERVICE.proto; `common` for those used everywhere."""
    return importlib.import_module(f"wutong.v1.{service}_pb2")


class Refused(Exception):
    """The server has decided against it."""

    def __init__(self, code, reason, text):
        super().__init__(f"{code}: {text}")
        self.code, self.reason = code, reason


class Api:
    """One connection. The session is in the database, so it outlives the server's process."""

    unanswered = 0      # calls of all connections that had to be made again
    lock = threading.Lock()

    def __init__(self, address, pem, token=None):
        import grpc
        self.grpc = grpc
        # A server that was killed is looked for again at once, not after gRPC's growing pauses.
        self.channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(pem), (
            ("grpc.ssl_target_name_override", "localhost"), ("grpc.use_local_subchannel_pool", 1),
            ("grpc.initial_reconnect_backoff_ms", 200), ("grpc.max_reconnect_backoff_ms", 500)))
        self.token = token
        self.stubs = {}

    def stub(self, service):
        if service not in self.stubs:
            module = importlib.import_module(f"wutong.v1.{service}_pb2_grpc")
            words = "".join(word.capitalize() for word in service.split("_"))
            self.stubs[service] = getattr(module, f"{words}Stub")(self.channel)
        return self.stubs[service]

    def once(self, service, method, request, timeout=5):
        """One call. It waits for a server that is coming up: a thread that asks in short turns instead leaves nobody to work on the
        handshake, and gRPC 1.51 then never gets through it."""
        metadata = (("authorization", f"Bearer {self.token}"),) if self.token else ()
        return getattr(self.stub(service), method)(request, timeout=timeout, metadata=metadata, wait_for_ready=True)

    def call(self, service, method, request, seconds=240):
        """The answer, however often it had to be asked for. @raises Refused, or Failed without an answer in time"""
        code = self.grpc.StatusCode
        again = (code.UNAVAILABLE, code.ABORTED, code.DEADLINE_EXCEEDED, code.CANCELLED)
        until = time.monotonic() + seconds
        while True:
            try:
                return self.once(service, method, request)
            except self.grpc.RpcError as error:
                if error.code() not in again:
                    raise Refused(error.code().name, reason_of(error), error.details()) from error
                if time.monotonic() > until:
                    raise Failed(f"{method}: no answer in {seconds} s, last: {error.code().name} {error.details()}") from error
                with Api.lock:
                    Api.unanswered += 1
                time.sleep(0.1)


def reason_of(error):
    """google.rpc.ErrorInfo's reason out of the status details, without the package that knows google.rpc: the first field of its message."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            found = re.search(rb"ErrorInfo\x12.\n.([a-z_0-9]+)", value, re.S)
            if found:
                return found.group(1).decode()
    return ""


def new_id():
    return str(uuid.uuid4())


def connect(system, operator="admin", password=None, token=None):
    address = f"127.0.0.1:{system.port('SERVER')}"
    pem = (system.var / "tls/server.crt").read_bytes()
    api = Api(address, pem, token)
    if token is None:
        sessions = messages("session_service")
        password = password or (system.var / "etc/admin.password").read_text(encoding="ascii").strip()
        api.token = api.call("session_service", "SignIn", sessions.SignInRequest(operator=operator, password=password)).token
    return api
