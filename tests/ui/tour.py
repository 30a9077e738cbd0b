"""The way through every screen and dialog of the operator client, for tests that look at all of them.

A stop is (name, what opens it, an English text that it must show, what closes it). What opens: a list of "key NAME", "type TEXT",
"press ENGLISH TEXT", "menu N" (the Nth entry behind the operator's chip) and "unit" (types a unit that somebody lives in).
"""
import re
import time

from desk import Failed

STOPS = [
    ("wall", ["key ctrl+1"], "Wall of meters", []),
    ("wall-one", ["key ctrl+1", "unit"], "Open meter page", []),
    ("wall-dots", ["press Dots"], "Wall of meters", []),
    ("wall-detail", ["press Detail"], "Wall of meters", ["press Compact"]),
    ("wall-list", ["press List"], "Wall of meters", ["press Wall"]),
    ("wall-several", ["key ctrl+1", "unit", "key ctrl+a"], "Set clocks", []),
    ("batch-price", ["press Send a price…"], "Price of one kWh", ["key Escape"]),
    ("batch-preview", ["press Set clocks"], "Skipped", ["press-tip Close the panel; the commands go on", "key Escape"]),
    ("find", ["key ctrl+1", "key ctrl+k", "unit"], "Find unit, shop, meter, account", ["key Escape"]),
    ("switch-off", ["key ctrl+1", "unit", "key ctrl+d"], "Keep power on", ["key Escape"]),
    ("meter", ["key ctrl+1", "unit", "key Return"], "Daily use", []),
    ("meter-readings", ["key ctrl+Next"], "Readings", []),
    ("meter-credit", ["key ctrl+Next"], "Credit", []),
    ("meter-events", ["key ctrl+Next"], "Events", []),
    ("meter-settings", ["key ctrl+Next"], "Guard of the unit", []),
    ("guard-unit", ["press Guard the unit…"], "Why it is guarded", ["key Escape"]),
    ("sell", ["key ctrl+2", "key F2"], "Sell electricity", []),
    ("sell-ready", ["key F2", "unit", "key Return", "type 50"], "After this sale", []),
    ("refund", ["key F4"], "Refund from a meter", ["key Escape"]),
    ("account", ["key Escape"], "Credit on meters", []),
    ("account-deliveries", ["press Deliveries to meters"], "Deliveries to meters", []),
    ("account-entries", ["press Entries"], "Entries", ["press Sales"]),
    ("account-exchanges", ["press Exchanges"], "No meter of this account was exchanged.", ["press Sales"]),
    ("exchange-meter", ["press Exchange…", "unit"], "New meter, prepaid and on no account", ["key Escape"]),
    ("statement", ["key F8"], "Opening balance", ["key alt+Left"]),
    ("close-account", ["press Close account…"], "Close account", []),
    ("new-tenant", ["press New tenant instead…"], "Payable to the old tenant", ["key Escape"]),
    ("accounts", ["key ctrl+3"], "Accounts", []),
    ("open-account", ["key ctrl+3", "key F3"], "Open account", []),
    ("alarms", ["key ctrl+4"], "Alarms", []),
    ("commands", ["key ctrl+5"], "Commands", []),
    ("devices", ["key ctrl+6"], "Devices", []),
    ("devices-channels", ["key ctrl+Next"], "Channels", []),
    ("devices-gateways", ["key ctrl+Next"], "Gateways", []),
    ("devices-site", ["key ctrl+Next"], "Buildings and units", []),
    ("devices-properties", ["key ctrl+Next"], "Properties", []),
    ("devices-server-held", ["key ctrl+Next"], "Server-held", []),
    ("run-server-held", ["key F3"], "The server keeps the credit", ["key Escape"]),
    ("devices-guarded", ["key ctrl+Next"], "Guarded units", []),
    ("devices-import", ["key ctrl+Next"], "Import", []),
    ("add-meter", ["press Meters", "key F3"], "Add meter", ["key Escape"]),
    ("tariffs", ["key ctrl+7"], "Tariffs", []),
    ("tariff-plan", ["key ctrl+Next"], "Who charges by it", []),
    ("tariff-assigned", ["key ctrl+Next"], "Assigned to", []),
    ("tariff-downloads", ["key ctrl+Next"], "Prices on their way", []),
    ("balances", ["key ctrl+8"], "Two balances", []),
    ("balance-proofs", ["key ctrl+Next"], "Take a proof now", []),
    ("credit-in-question", ["key ctrl+Next"], "Credit in question", []),
    ("doubted-readings", ["key ctrl+Next"], "Decided ones too", []),
    ("energy-report", ["key ctrl+9"], "From one reading to the next", []),
    ("feeder-losses", ["key ctrl+Next"], "What came in less what went out", []),
    ("meters-behind", ["press Meters behind it…"], "Add a building's meters", ["key Escape"]),
    ("reading-archive", ["key ctrl+Next"], "Begin a round now", []),
    ("settings", ["menu 1"], "Size of text", []),
    ("operators", ["menu 2"], "Operators", []),
    ("add-operator", ["key F3"], "Add operator", ["key Escape"]),
    ("roles", ["key ctrl+Next"], "Roles", []),
    ("operation-log", ["menu 3"], "Operation log", []),
    ("parameters", ["menu 4"], "Parameters", []),
    ("shift", ["menu 5"], "Shifts", []),
    ("shifts", ["key ctrl+Next"], "All shifts", []),
    ("vending-points", ["key ctrl+Next"], "Vending points", []),
    ("add-point", ["key F3"], "Add vending point", ["key Escape"]),
    ("cashier-limits", ["key ctrl+Next"], "Limits of cashiers", []),
    ("change-password", ["menu 6"], "Change password", ["key Escape"]),
    ("help", ["key F1"], "Keys", ["key Escape"]),
    ("locked", ["key F9"], "Unlock", []),
]


def act(client, step, words, unit):
    verb, _, what = step.partition(" ")
    if verb == "key":
        client.key(what)
    elif verb == "type":
        client.type(what)
    elif verb == "unit":
        client.type(unit)
    elif verb == "press":
        client.press(f"^{re.escape(words(what))}$")
    elif verb == "press-tip":
        found = next((w for w in client.windows() if w.get("tip") == words(what)), None)
        if found is None:
            raise Failed(f"nothing says \"{words(what)}\"")
        client.click(found["rect"])
    elif verb == "menu":
        client.press("^admin$")
        time.sleep(0.5)
        client.key(*["Down"] * int(what), "Return")
    else:
        raise ValueError(step)
    client.settle(0.3, at_most=0.9)


def tour(client, words, unit, picture, only=None):
    """Goes to every stop, tells `picture` its name, and returns what is wrong: it did not come, or had no room for a text."""
    problems = []
    for name, opens, shows, closes in STOPS:
        if only and name not in only:
            continue
        try:
            for step in opens:
                act(client, step, words, unit)
            client.wait(re.escape(words(shows)), 15)
        except Failed as failed:
            problems.append(f"{name}: {failed}")
        client.settle(0.4, at_most=1.2)
        picture(name)
        problems += [f"{name}: no room for \"{text}\" ({kind} at {rect})" for kind, text, rect in client.clipped()]
        try:
            for step in closes:
                act(client, step, words, unit)
        except Failed as failed:
            problems.append(f"{name}, closing: {failed}")
    return problems


def a_unit(desk):
    """A unit that somebody lives in, whose meter was read."""
    rows = desk.system.psql("select u.code from unit u join meter m using (property_id, unit_id) join account_meter am using (property_id, meter_id)"
                            " join meter_state s using (property_id, meter_id) where am.unlinked_at is null and s.balance_e4 > 500000 order by u.code desc limit 1")
    if not rows:
        raise Failed("nobody lives here")
    return rows[0][0]
