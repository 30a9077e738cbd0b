#!/usr/bin/env python3
"""A gRPC client that we did not write (Debian's python3-grpcio), made from proto/ alone, signs in, opens an account and sells.

Starts a whole Wutong in a folder of its own and asks the simulated meter whether the money arrived.
"""
import os
import pathlib
import ssl
import sys
import tempfile
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from api import generate  # noqa: E402
from system import ROOT, YUAN, Failed, System, wait_for  # noqa: E402


def check(text, holds):
    print(f"{'ok    ' if holds else 'FAILED'}  {text}", flush=True)
    if not holds:
        raise Failed(text)


def drive(system):
    import grpc
    from wutong.v1 import account_service_pb2 as accounts, account_service_pb2_grpc as accounts_grpc
    from wutong.v1 import common_pb2 as common, device_service_pb2 as devices, device_service_pb2_grpc as devices_grpc
    from wutong.v1 import sale_service_pb2 as sales, sale_service_pb2_grpc as sales_grpc
    from wutong.v1 import session_service_pb2 as sessions, session_service_pb2_grpc as sessions_grpc
    from wutong.v1 import site_service_pb2_grpc as sites_grpc
    from google.protobuf import empty_pb2

    port = system.port("SERVER")
    pem = ssl.get_server_certificate(("127.0.0.1", port))
    channel = grpc.secure_channel(f"127.0.0.1:{port}", grpc.ssl_channel_credentials(pem.encode()), (("grpc.ssl_target_name_override", "localhost"),))

    sign_in = sessions_grpc.SessionServiceStub(channel).SignIn
    try:
        sign_in(sessions.SignInRequest(operator="admin", password="wrong"), timeout=10)
        check("a wrong password is refused", False)
    except grpc.RpcError as error:
        check("a wrong password is refused", error.code() == grpc.StatusCode.UNAUTHENTICATED)
    try:
        sites_grpc.SiteServiceStub(channel).ListProperties(empty_pb2.Empty(), timeout=10)
        check("a call without a session is refused", False)
    except grpc.RpcError as error:
        check("a call without a session is refused", error.code() == grpc.StatusCode.UNAUTHENTICATED)

    password = (system.var / "etc/admin.password").read_text(encoding="ascii").strip()
    token = sign_in(sessions.SignInRequest(operator="admin", password=password), timeout=10).token
    with_token = {"metadata": (("authorization", f"Bearer {token}"),), "timeout": 10}
    check("signed in", len(token) > 20)

    property_id = sites_grpc.SiteServiceStub(channel).ListProperties(empty_pb2.Empty(), **with_token).properties[0].property_id
    listed = devices_grpc.DeviceServiceStub(channel).ListMeters(devices.ListMetersRequest(property_id=property_id, role="prepaid"), **with_token)
    meter = next(m for m in listed.meters if not m.account_id and m.profile == "acrel-ddsy1352")
    opened = accounts_grpc.AccountServiceStub(channel).OpenAccount(accounts.OpenAccountRequest(
        request_id=str(uuid.uuid4()), property_id=property_id, customer=accounts.Customer(name="Snake & Co."), method=common.TENDER_METHOD_CASH,
        meters=[accounts.OpenMeter(meter_id=meter.meter_id, first_purchase_e4=20 * YUAN)]), **with_token)
    service = sales_grpc.SaleServiceStub(channel)
    request = sales.SellRequest(request_id=str(uuid.uuid4()), property_id=property_id, account_id=opened.account.account_id, meter_id=meter.meter_id,
                                amount_e4=30 * YUAN, method=common.TENDER_METHOD_CASH)
    receipt = service.Sell(request, **with_token)
    again = service.Sell(request, **with_token)
    check("the same request again gets the first answer", again.sale_id == receipt.sale_id)
    request.amount_e4 += 100
    try:
        service.Sell(request, **with_token)
        check("the same id with another amount is refused", False)
    except grpc.RpcError as error:
        check("the same id with another amount is refused", error.code() == grpc.StatusCode.ALREADY_EXISTS)

    states = []
    for delivery in service.WatchDelivery(sales.GetDeliveryRequest(property_id=property_id, delivery_id=receipt.delivery_id),
                                          metadata=with_token["metadata"], timeout=120):
        states.append(delivery.state)
    check(f"followed to the meter: {' → '.join(states)}", states[-1] == "delivered")
    truth = wait_for("the meter", 5, lambda: system.meters().truth(meter.serial_number))
    check(f"the meter has {truth['balance_e4'] / YUAN:.2f} and number {truth['purchase_number']}",
          49 * YUAN < truth["balance_e4"] <= 50 * YUAN and truth["purchase_number"] == 2)


def main():
    build = pathlib.Path(os.environ.get("WUTONG_BUILD_DIR", ROOT / "build/ci"))
    system = System(build / "grpc-python", os.environ.get("WUTONG_BIN", build / "bin"))
    with tempfile.TemporaryDirectory() as generated:
        generate(generated)
        try:
            drive(system.start())
        except Failed as failed:
            print(f"FAILED  {failed}", flush=True)
            return 1
        finally:
            system.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())
