#!/usr/bin/env python3
"""Every visible text of the client has its Chinese. client_texts.py [--self-test]; exit status 1 when one has not.

xgettext collects what stands in tr("…"), tr_n("…", "…", n) and later("…"); each must be in client-wx/locale/zh_CN.po, once,
translated, not fuzzy, with the same placeholders ({}, {n}, {amount}…), line ends and outer blanks.
"""

import collections
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
KEYWORDS = ["--keyword=", "--keyword=tr", "--keyword=tr_n:1,2", "--keyword=later"]
PLACEHOLDER = re.compile(r"\{[^{}]*\}")

Entry = collections.namedtuple("Entry", "line id plural texts fuzzy")


def unquote(text):
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t", "r": "\r"}.get(found.group(1), found.group(1)), text)


def parse_po(text):
    """All entries but the header and the obsolete ones, in order."""
    entries, current, key, fuzzy, line_of = [], {}, None, False, 0

    def close():
        nonlocal current, fuzzy
        if current.get("msgid"):
            texts = [value for name, value in sorted(current.items()) if name.startswith("msgstr")]
            entries.append(Entry(line_of, current["msgid"], current.get("msgid_plural"), texts, fuzzy))
        if current:
            fuzzy = False
        current = {}

    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r'(msgid|msgid_plural|msgstr(?:\[\d+\])?|msgctxt) "(.*)"$', line)
        if line.startswith("#, ") and "fuzzy" in line:
            close()
            fuzzy = True
        elif found:
            key = found.group(1)
            if key == "msgid":
                close()
                line_of = number
            current[key] = unquote(found.group(2))
        elif line.startswith('"') and key:
            current[key] += unquote(line[1:-1])
    close()
    return entries


def extracted(folder):
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.[ch]pp"))
    if not files:
        return []
    made = subprocess.run(["xgettext", "--language=C++", "--from-code=UTF-8", "--add-location=file", "--force-po", "--output=-", *KEYWORDS, *files],
                          cwd=folder, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        sys.exit(f"xgettext: {made.stderr}")
    return parse_po(made.stdout)


def signs(text):
    # {0} and {1} take the same values as {} and {}, in another order.
    kinds = collections.Counter("{}" if found[1:-1].isdigit() else found for found in PLACEHOLDER.findall(text))
    return kinds, text.count("\n"), len(text) - len(text.lstrip()), len(text) - len(text.rstrip())


def check(folder):
    """What is wrong, one line each, and what is translated but not used."""
    po = folder / "locale/zh_CN.po"
    faults, known = [], {}
    for entry in parse_po(po.read_text(encoding="utf-8")):
        where = f"client-wx/locale/zh_CN.po:{entry.line}"
        if entry.id in known and known[entry.id].texts != entry.texts:
            faults.append(f"{where}: \"{entry.id}\" stands there twice, differently; keep one")
        known.setdefault(entry.id, entry)
    wanted = extracted(folder)
    for text in wanted:
        entry = known.get(text.id)
        if entry is None or not entry.texts or not all(entry.texts):
            faults.append(f"\"{text.id}\" has no Chinese: add it to client-wx/locale/zh_CN.po")
            continue
        where = f"client-wx/locale/zh_CN.po:{entry.line}"
        if entry.fuzzy:
            faults.append(f"{where}: \"{text.id}\" is fuzzy: look at it and take the mark away")
        if text.plural != entry.plural:
            faults.append(f"{where}: \"{text.id}\" needs msgid_plural \"{text.plural}\", as in the program")
        model = text.plural or text.id
        for chinese in entry.texts:
            if signs(model) != signs(chinese):
                faults.append(f"{where}: \"{chinese}\" differs from \"{model}\" in placeholders, line ends or outer blanks")
    unused = sorted(set(known) - {text.id for text in wanted})
    return faults, unused, len(wanted)


SOUND_CODE = 'auto a = tr("Sell {amount} to {unit}"); auto b = tr_n("{} meter", "{} meters", n); constexpr auto c = later("Lock");\n'
SOUND_PO = '''msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Sell {amount} to {unit}"
msgstr "向 {unit} 售电 {amount}"

msgid "{} meter"
msgid_plural "{} meters"
msgstr[0] "{} 块电表"

msgid "Lock"
msgstr "锁定"
'''

PLANTED = [
    ("has no Chinese", SOUND_CODE + 'auto d = tr("New text");\n', SOUND_PO),
    ("has no Chinese", SOUND_CODE, SOUND_PO.replace('"锁定"', '""')),
    ("fuzzy", SOUND_CODE, SOUND_PO.replace('msgid "Lock"', '#, fuzzy\nmsgid "Lock"')),
    ("placeholders", SOUND_CODE, SOUND_PO.replace("向 {unit} 售电 {amount}", "向 {unit} 售电")),
    ("placeholders", SOUND_CODE, SOUND_PO.replace("{} 块电表", "{} {} 块电表")),
    ("outer blanks", SOUND_CODE, SOUND_PO.replace('"锁定"', '"锁定 "')),
    ("msgid_plural", SOUND_CODE, SOUND_PO.replace("{} meters", "{} pieces")),
    ("twice", SOUND_CODE, SOUND_PO + '\nmsgid "Lock"\nmsgstr "加锁"\n'),
]


def self_test():
    def faults_of(code, po):
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            (folder / "locale").mkdir()
            (folder / "a.cpp").write_text(code, encoding="utf-8")
            (folder / "locale/zh_CN.po").write_text(po, encoding="utf-8")
            return check(folder)[0]

    wrong = [f"sound, but: {fault}" for fault in faults_of(SOUND_CODE, SOUND_PO)]
    for expected, code, po in PLANTED:
        found = faults_of(code, po)
        if not any(expected in fault for fault in found):
            wrong.append(f"planted '{expected}' was not found; found {found}")
    print("\n".join(wrong) if wrong else f"client texts: {len(PLANTED)} planted faults were found")
    return 1 if wrong else 0


def main():
    if "--self-test" in sys.argv:
        return self_test()
    faults, unused, count = check(ROOT / "client-wx")
    for text in unused:
        print(f"not used any more: {text!r}")
    print("\n".join(faults))
    print(f"client texts: {count} texts, {len(faults)} without right Chinese, {len(unused)} not used any more")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
