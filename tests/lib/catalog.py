"""The client's texts in both languages, for tests that look for them on the screen."""
import pathlib
import re
import sys

from system import ROOT

sys.path.insert(0, str(ROOT / "tests/architecture"))
from client_texts import parse_po  # noqa: E402

# ¥321.99, −¥0.01, ≈ 1.57 kW, 12 %, 2026-11-22
FIGURE = re.compile(r"[-+−≈~<]*\s*[¥$€£]?[\d.,:\-\s]*\d\s*(?:%|[kM]?Wh?|kvar|V|A|Hz|°C)?")
PLACEHOLDER = re.compile(r"\{[^{}]*\}")


class Catalog:
    def __init__(self):
        entries = parse_po(pathlib.Path(ROOT / "client-wx/locale/zh_CN.po").read_text(encoding="utf-8"))
        self.texts = {entry.id: entry.texts[0] for entry in entries if entry.texts and entry.texts[0]}
        patterns = []
        for entry in entries:
            for text in [entry.id, entry.plural, *entry.texts]:
                # What is nothing but a placeholder with a letter or two says nothing about who wrote it.
                if text and len(PLACEHOLDER.sub("", text).strip()) >= 2:
                    patterns.append(".*?".join(re.escape(part) for part in PLACEHOLDER.split(text)))
        self.known = re.compile("(?:" + "|".join(patterns) + ")", re.S)

    def chinese(self, english):
        return self.texts.get(english, english)

    def is_ours(self, text):
        """A text or figure of the program, and not a name that somebody gave to a shop."""
        return self.known.fullmatch(text) is not None or FIGURE.fullmatch(text) is not None

    def ours(self, problems):
        """Without those that only say that a name of the user's was cut: names may be longer than any column."""
        kept = []
        for problem in problems:
            found = re.search(r'no room for "(.*)" \(', problem, re.S)
            if found is None or self.is_ours(found.group(1)):
                kept.append(problem)
        return kept
