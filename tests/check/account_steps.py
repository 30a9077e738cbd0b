"""The check's steps about accounts that change: a meter exchanged, and the proof of ledger against meters. Mixed into Check."""
from system import YUAN, Failed, money, wait_for


class AccountSteps:
    def account_steps(self):
        return [("meter exchanged, money with it", self.meter_exchanged), ("ledger against meters proven", self.balances_proven)]

    def meter_exchanged(self):
        old, new = self.take(profile="acrel-ddsy1352"), self.take(profile="acrel-dtsy1352")
        self.meters.set(old["serial_number"], load_w=5_000)
        self.meters.set(new["serial_number"], load_w=0)
        account = self.open_account(old, "40.00", "Moves On Ltd")
        words = ["account", "exchange-meter", account["number"], old["serial_number"], new["serial_number"], "--reason", "check"]
        self.meters.set(old["serial_number"], load_w=0)
        self.ctl.run("command", "send", "read_now", old["serial_number"], "--wait", 30)
        quote = self.ctl.run(*words, "--preview")[0]
        if quote.get("blockers") or not 0 < quote["carried_e4"] <= 40 * YUAN:
            raise Failed(f"the preview says {quote}")
        done = self.ctl.run(*words, "--wait", 90)[0]
        self.writes += 2
        truth = self.meters.truth(new["serial_number"])
        if truth["balance_e4"] != done["exchange"]["carried_e4"] or not truth["prepaid_enabled"]:
            raise Failed(f"{money(done['exchange']['carried_e4'])} carried, the new meter holds {money(truth['balance_e4'])}")
        wait_for("the old meter is cleared", 60, lambda: self.meters.truth(old["serial_number"])["balance_e4"] == 0)
        after = self.ctl.run("account", "show", account["number"])[0]
        if after["prepaid_credit_e4"] != done["exchange"]["carried_e4"] or after["refund_payable_e4"] != 0 or after["unallocated_e4"] != 0:
            raise Failed(f"the books say {after}")
        answer = self.ctl.run(*words, expect=1)[-1]
        if answer.get("reason") != "meter_not_linked":
            raise Failed(f"a second exchange: {answer}")
        return f"{money(truth['balance_e4'])} went from {old['code']} at {done['exchange']['energy_wh']} Wh to {new['code']}, the old one is cleared"

    def balances_proven(self):
        proof = self.ctl.run("balances", "prove")[0]
        if proof["unexplained"] != 0 or proof["meters"] < 2:
            raise Failed(f"proof: {proof}")
        return f"{proof['meters']} meters, ledger {money(proof['ledger_e4'])}, meters {money(proof['meter_e4'])}, every difference explained"
