#!/usr/bin/env python3
"""Messages through programs that we did not write: gammu-smsd with Gammu's dummy phone, and aiosmtpd with STARTTLS and a password.

A wutong-server of its own makes messages of what is put into its database as a collector puts it there. What arrives is read from what
Gammu gave the phone and from what the mail server took. Both ways are broken meanwhile: the modem's daemon stopped, the mail server
away, the server killed between sending and noting it down.
"""
import email
import email.policy
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from field import Field, Process, free_port, toml_value  # noqa: E402
from system import ROOT, Ctl, Failed, wait_for  # noqa: E402

PASSWORD = "long-and-secret-4711"
TENANT, ADDRESS = "+8613800138000", "tenant@example.org"


def check(text, holds):
    print(f"{'ok    ' if holds else 'FAILED'}  {text}", flush=True)
    if not holds:
        raise Failed(text)


class Phone:
    """gammu-smsd. What it gave the phone is in its log, in octets."""

    def __init__(self, field):
        self.field, self.spool, self.file = field, field.folder / "sms", field.folder / "gammu.log"
        (field.folder / "phone").mkdir()
        self.config = field.folder / "smsdrc"
        paths = "".join(f"{name}path = {self.spool}/{folder}/\n" for name, folder in
                        (("outbox", "outbox"), ("sentsms", "sent"), ("errorsms", "error"), ("inbox", "inbox")))
        self.config.write_text(f"[gammu]\nmodel = dummy\nconnection = none\nport = {field.folder}/phone\ndevice = {field.folder}/phone\n\n[smsd]\n"
                               f"service = files\nlogfile = {self.file}\ndebuglevel = 255\n{paths}loopsleep = 1\ncommtimeout = 1\n"
                               "receivefrequency = 0\nstatusfrequency = 0\nchecksecurity = 0\nchecknetwork = 0\ncheckbattery = 0\nchecksignal = 0\n",
                               encoding="ascii")
        self.daemon = None

    def start(self):
        (self.spool / "inbox").mkdir(parents=True, exist_ok=True)
        # No locale: the text must not depend on it.
        self.daemon = Process(["gammu-smsd", "-c", self.config], self.field.folder / "gammu.out", {"LC_ALL": "C"})
        self.field.processes.append(self.daemon)

    def stop(self):
        self.daemon.end()

    def sent(self):
        """(number, text) of each SMS that the phone was given whole, by number and reference of its parts."""
        log = self.file.read_bytes().decode(errors="replace") if self.file.exists() else ""
        texts, parts = [], {}
        for chunk in log.split("Entering GSM_SendSMS")[1:]:
            if "SMS sent on device" not in chunk:
                continue
            number = re.search(r'Recipient number "([^"]*)"', chunk).group(1)
            lines = [line.split("gammu: ", 1)[1] for line in chunk.splitlines() if "gammu: " in line]
            header = dump_after(lines, "UDH, length")
            if any(line.startswith("Unicode SMS, length") for line in lines):
                text = bytes(dump_after(lines, "Unicode SMS, length")).decode("utf-16-be", errors="surrogatepass")
            else:
                at = next(i for i, line in enumerate(lines) if line.startswith("7 bit SMS, length"))
                text = lines[at + 1]
            if not header:
                texts.append((number, text))
                continue
            _, _, _, reference, count, index = header
            got = parts.setdefault((number, reference), {})
            got[index] = text
            if len(got) == count:
                del parts[(number, reference)]
                texts.append((number, "".join(got[i] for i in range(1, count + 1))))
        return texts


def dump_after(lines, title):
    """The octets that Gammu shows after a title: four columns each, "4A J|"."""
    octets, inside = [], False
    for line in lines:
        if line.startswith(title):
            inside = True
        elif inside and line.strip():
            columns = [line[i:i + 4] for i in range(0, 64, 4)]
            if not re.match(r"[0-9A-F]{2}.(\||$| )", columns[0]):
                break
            for column in columns:
                if not re.match(r"[0-9A-F]{2}", column):
                    break
                octets.append(int(column[:2], 16))
            if len(columns) < 16 or not re.match(r"[0-9A-F]{2}", columns[-1]):
                break
        elif inside and octets:
            break
    return octets


class Mailbox:
    """A mail server that takes mail over TLS from whoever knows the password."""

    def __init__(self, field):
        from aiosmtpd.controller import Controller
        from aiosmtpd.smtp import AuthResult, LoginPassword
        import ssl
        self.port, self.mails, self.on_data = free_port(), [], None
        self.certificate = field.folder / "mail.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mail", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", field.folder / "mail.key", "-out", self.certificate], check=True, capture_output=True)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.certificate, field.folder / "mail.key")

        def sign_in(server, session, envelope, mechanism, data):
            good = isinstance(data, LoginPassword) and data.login == b"wutong" and data.password == PASSWORD.encode()
            return AuthResult(success=good, handled=False)

        def controller():
            return Controller(self, hostname="127.0.0.1", port=self.port, tls_context=tls, require_starttls=True, auth_required=True, authenticator=sign_in)
        self.make, self.controller = controller, None

    def start(self):
        self.controller = self.make()
        self.controller.start()

    def stop(self):
        self.controller.stop()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 there is nobody of that name"
        if address.startswith("later@"):
            return "451 4.2.1 the mailbox is busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.rcpt_tos[0], email.message_from_bytes(envelope.content, policy=email.policy.default)))
        if self.on_data:
            self.on_data()
        return "250 OK"

    def to(self, address):
        return [mail for recipient, mail in self.mails if recipient == address]


class Scene:
    def __init__(self, field):
        self.field, self.phone, self.mailbox = field, Phone(field), Mailbox(field)
        self.port, self.server = free_port(), None
        field.add_line("BUS", meters=2)
        field.sql("INSERT INTO building (property_id, code, name) VALUES (1, 'A', 'A'); INSERT INTO floor (property_id, building_id, number, name) VALUES "
                  "(1, 1, 12, '12'); INSERT INTO unit (property_id, floor_id, code) VALUES (1, 1, '1201'); UPDATE meter SET unit_id = 1;"
                  "UPDATE property SET name = '梧桐物业'; INSERT INTO account_meter (property_id, account_id, meter_id) VALUES (1, 1, 1);"
                  "INSERT INTO meter_state (property_id, meter_id, attempted_at, answered_at, balance_e4) VALUES (1, 1, now(), now(), 42000)")
        (field.folder / "server.password").write_text("test-server\n", encoding="ascii")
        (field.folder / "mail.password").write_text(PASSWORD + "\n", encoding="ascii")
        (field.folder / "admin.password").write_text("correct horse\n", encoding="ascii")
        sections = {
            "database": {"url": field.url("wutong_server"), "password_file": str(field.folder / "server.password")},
            "listen": {"address": f"127.0.0.1:{self.port}"},
            "tls": {"certificate": str(field.folder / "server.crt"), "key": str(field.folder / "server.key")},
            "metrics": {"listen": ""}, "log": {"level": "debug"}, "profiles": {"directory": str(ROOT / "profiles")},
            "sms": {"spool": str(self.phone.spool), "per_minute": 100},
            "mail": {"server": f"127.0.0.1:{self.mailbox.port}", "from": "wutong@example.org", "user": "wutong",
                     "password_file": str(field.folder / "mail.password"), "ca_file": str(self.mailbox.certificate), "timeout_s": 6},
            "messages": {"alarm_after_s": 2},
        }
        self.config = field.folder / "server.toml"
        self.config.write_text("".join(f"[{title}]\n" + "".join(f"{key} = {toml_value(value)}\n" for key, value in values.items())
                                       for title, values in sections.items()), encoding="utf-8")
        done = subprocess.run([field.bin / "wutong-server", "--create-admin", "admin", "--password-file", field.folder / "admin.password",
                               "--database-url", field.url("wutong_owner")], env={**os.environ, "PGPASSWORD": "test-owner"}, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(done.stderr)
        self.start_server()
        fingerprint = (field.folder / "server.crt.sha256").read_text(encoding="ascii").split()[0].replace(":", "")
        self.ctl = Ctl(str(field.bin / "wutongctl"), f"127.0.0.1:{self.port}", str(field.folder / "ctl"), fingerprint)
        self.ctl.run("sign-in", "admin", "--password-file", field.folder / "admin.password")

    def start_server(self):
        self.server = Process([self.field.bin / "wutong-server", "--config", self.config], self.field.folder / "server.log")
        self.field.processes.append(self.server)

        def up():
            if self.server.child.poll() is not None:
                raise Failed(self.server.log()[-3000:])
            return "the database is there; serving" in self.server.log()
        wait_for("wutong-server is up", 60, up)

    def messages(self, where="true"):
        return [json.loads(row[0]) for row in self.field.sql(f"SELECT row_to_json(m) FROM message m WHERE {where} ORDER BY message_id")]

    def state(self, number):
        return self.field.value(f"SELECT state FROM message WHERE message_id = {number}")

    def alarm(self, kind, meter=1):
        return self.field.value(f"INSERT INTO alarm (property_id, meter_id, kind, raised_at) VALUES (1, {meter}, '{kind}', now()) RETURNING alarm_id")

    def clear(self, alarm):
        self.field.sql(f"UPDATE alarm SET cleared_at = now() WHERE alarm_id = {alarm}")

    def looked_at(self):
        """Whatever has happened so far has its messages, or none."""
        wait_for("the causes are looked at", 60, lambda: self.field.value("SELECT count(*) FROM message_cause") == "0")

    def test(self, *words, expect=0):
        return self.ctl.run("message", "test", *words, expect=expect)[-1]


def tests_and_texts(scene):
    text = "电表余额不足，请尽快充值。😀" * 20
    done = scene.test("--sms", TENANT, "--text", text)
    check(f"a Chinese test message went out in {done['parts']} parts", done["state"] == "sent" and done["parts"] == 5)
    whole = [one for number, one in scene.phone.sent() if number == TENANT]
    check("the phone was given all of it", whole == [f"【梧桐物业】{text}"])
    done = scene.test("--sms", "+4915112345678", "--language", "en", "--text", "7 bit: @ {} [] " + "x" * 150)
    check(f"an English one went out in {done['parts']} part(s), as UCS-2, because of the property's name", done["state"] == "sent" and done["parts"] == 3)
    scene.field.sql("UPDATE property SET name = 'Plane Tree'")
    done = scene.test("--sms", "+4915112345679", "--language", "en", "--text", "7 bit: @ {} [] " + "x" * 150)
    check("another in the 7-bit alphabet", done["parts"] == 2 and ("+4915112345679", "Plane Tree: 7 bit: @ {} [] " + "x" * 150) in scene.phone.sent())
    scene.field.sql("UPDATE property SET name = '梧桐物业'")
    done = scene.test("--email", ADDRESS)
    mail = scene.mailbox.to(ADDRESS)[-1]
    check("a test mail arrived over TLS, signed in", done["state"] == "sent" and mail["Subject"] == "梧桐预付费系统测试消息" and "【梧桐物业】" in mail.get_content())
    scene.test("--sms", "12345", expect=1)
    refused = scene.test("--email", "nobody@example.org", expect=1)
    check("a number that is rubbish is refused at once, an address that nobody has by the mail server", True)
    failed = scene.messages("recipient = 'nobody@example.org'")[0]
    check(f"and the reason is kept: {failed['reason']}", failed["state"] == "failed" and "550 5.1.1" in failed["reason"] and refused)
    scene.test("--email", "later@example.org", "--wait", "0")
    wait_for("a busy mailbox is tried later", 30, lambda: "451" in scene.messages("recipient = 'later@example.org'")[0]["reason"])
    check("a busy mailbox is tried later", scene.messages("recipient = 'later@example.org'")[0]["state"] == "waiting")


def a_tenant(scene):
    scene.ctl.run("message", "contact", "A1", "--phone", TENANT, "--email", ADDRESS, "--language", "zh")
    before = len(scene.phone.sent()), len(scene.mailbox.to(ADDRESS))
    first = scene.alarm("alarm_1")
    wait_for("the warning is out", 60, lambda: [m["state"] for m in scene.messages("kind = 'alarm_1'")] == ["sent", "sent"])
    number, text = scene.phone.sent()[-1]
    check(f"SMS: {text}", number == TENANT and text.startswith("【梧桐物业】1201 电表 BUS-1，") and "余额 4.20元，余额偏低，请及时充值。" in text)
    check("mail says the same", scene.mailbox.to(ADDRESS)[-1].get_content().strip() == text)
    scene.clear(first)
    again = scene.alarm("alarm_1")
    scene.looked_at()
    check("a balance that hovers is told once", len(scene.messages("kind = 'alarm_1'")) == 2)
    scene.clear(again)
    scene.field.sql("INSERT INTO credit_delivery (property_id, meter_id, account_id, kind, amount_e4) VALUES (1, 1, 1, 'top_up', 1000000)")
    scene.field.sql("UPDATE credit_delivery SET state = 'sending'")
    scene.field.sql("UPDATE credit_delivery SET state = 'delivered', after_balance_e4 = 1042000, finished_at = now()")
    wait_for("the recharge is told", 60, lambda: [m["state"] for m in scene.messages("kind = 'recharge'")] == ["sent", "sent"])
    check(f"SMS: {scene.phone.sent()[-1][1]}", "余额 104.20元，充值 100.00元 已到账。" in scene.phone.sent()[-1][1])
    check("two SMS and two mails in all", (len(scene.phone.sent()) - before[0], len(scene.mailbox.to(ADDRESS)) - before[1]) == (2, 2))


def mail_server_away(scene):
    scene.mailbox.stop()
    sent, mails = len(scene.phone.sent()), len(scene.mailbox.to(ADDRESS))
    alarm = scene.alarm("arrears")
    wait_for("the SMS goes out all the same", 60, lambda: len(scene.phone.sent()) == sent + 1)
    raised = "SELECT text FROM alarm WHERE kind = 'messages_not_sent' AND cleared_at IS NULL"
    wait_for("an alarm says that mail waits", 60, lambda: scene.field.value(raised))
    status = {way["channel"]: way for way in scene.ctl.run("message", "status")[-1]["ways"]}
    check(f"status says so too: {status['email']['reason']}", status["email"]["open"] >= 1 and status["email"]["reason"] and status["email"]["set_up"])
    scene.mailbox.start()
    wait_for("the mail arrives when the server is back", 90, lambda: len(scene.mailbox.to(ADDRESS)) == mails + 1)
    scene.field.sql("DELETE FROM message WHERE recipient = 'later@example.org'")
    wait_for("the alarm is over", 60, lambda: not scene.field.value(raised))
    scene.clear(alarm)
    check("a mail server that was away: SMS went on, an alarm was raised and cleared, the mail came once", len(scene.mailbox.to(ADDRESS)) == mails + 1)


def killed_in_between(scene):
    """The mail server has taken it, the server never notes it: it comes twice, under one Message-ID. An SMS comes once."""
    def kill():
        scene.mailbox.on_data = None
        scene.server.send(signal.SIGKILL)
    scene.mailbox.on_data = kill
    scene.test("--email", "twice@example.org", "--wait", "0")
    scene.server.child.wait(60)
    scene.start_server()
    wait_for("the mail is sent again", 90, lambda: scene.messages("recipient = 'twice@example.org'")[0]["state"] == "sent")
    mails = scene.mailbox.to("twice@example.org")
    check("killed between the mail server's word and ours: twice, as one Message-ID", len(mails) == 2 and len({mail["Message-ID"] for mail in mails}) == 1)

    scene.phone.stop()
    scene.test("--sms", "+8613900000001", "--wait", "0")
    wait_for("it is in the outbox", 60, lambda: list((scene.phone.spool / "outbox").glob("OUT*13900000001*")))
    scene.server.end(signal.SIGKILL)
    scene.start_server()
    scene.test("--sms", "+8613900000002", "--wait", "0")
    wait_for("the next one, too", 60, lambda: list((scene.phone.spool / "outbox").glob("OUT*13900000002*")))
    scene.phone.start()
    scene.server.end(signal.SIGKILL)    # while it is sent
    wait_for("the modem has sent both", 60, lambda: len([n for n, _ in scene.phone.sent() if n.startswith("+86139")]) >= 2)
    scene.start_server()
    wait_for("both are known to be sent", 60, lambda: [m["state"] for m in scene.messages("recipient LIKE '+86139%'")] == ["sent", "sent"])
    check("killed with SMS in the outbox: each came once", sorted(n for n, _ in scene.phone.sent() if n.startswith("+86139")) == ["+8613900000001", "+8613900000002"])
    check("nothing stays in the folders", not [f for f in scene.phone.spool.glob("*/OUT*")])


def refused_by_the_network(scene):
    """What gammu-smsd does with a message that it gives up: it is moved to the error folder."""
    scene.phone.stop()
    scene.test("--sms", "+8613700000000", "--wait", "0")
    lies = wait_for("it is in the outbox", 60, lambda: list((scene.phone.spool / "outbox").glob("OUT*13700000000*")))[0]
    lies.rename(scene.phone.spool / "error" / lies.name)
    wait_for("it is tried again later", 60, lambda: scene.messages("recipient = '+8613700000000'")[0]["state"] == "waiting")
    one = scene.messages("recipient = '+8613700000000'")[0]
    check(f"refused by the network: {one['reason']}", one["attempts"] == 1 and "refused" in one["reason"])
    scene.phone.start()
    scene.ctl.run("message", "retry", one["message_id"])
    wait_for("an operator tries it at once", 60, lambda: scene.state(one["message_id"]) == "sent")


def main():
    begin = time.monotonic()
    with Field() as field:
        scene = Scene(field)
        scene.mailbox.start()
        scene.phone.start()
        for part in (tests_and_texts, a_tenant, mail_server_away, killed_in_between, refused_by_the_network):
            try:
                part(scene)
            except Failed:
                for one in scene.messages():
                    print({key: one[key] for key in ("message_id", "recipient", "kind", "state", "reason", "attempts", "next_try_at")}, flush=True)
                print(scene.server.log()[-3000:], flush=True)
                raise
        log = (field.folder / "server.log").read_text(encoding="utf-8", errors="replace")
        check("the password is in no log", PASSWORD not in log and PASSWORD not in json.dumps(scene.messages()))
        scene.server.end()
        scene.mailbox.stop()
    print(f"messages: {time.monotonic() - begin:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failed:
        print(f"FAILED  {failed}", flush=True)
        sys.exit(1)
