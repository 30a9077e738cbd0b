#!/usr/bin/env python3
"""No text of ours is cut off: every page is measured in both languages, in the smallest window, at text sizes 1.0 and 1.25.

The client itself tells, for each text that it draws, whether there was room for all of it, and for each native control whether it is
as large as it wants to be. Names that users have given may be cut; the words of the program may not.
usage: no_clipping.py [--system DIR]
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from catalog import Catalog  # noqa: E402
from desk import Desk, Failed, Steps, arguments, run  # noqa: E402
from tour import STOPS, a_unit, tour  # noqa: E402


def can_fail(catalog):
    """The filter must let our own words through, and hold back names."""
    ours = catalog.ours(['wall: no room for "Sell electricity" (Label at [1, 2, 3, 4])', 'wall: no room for "Fishmonger Wang Xiaoming & Sons" (Label at [1, 2, 3, 4])',
                         'wall: no room for "−¥1,321.99" (Label at [1, 2, 3, 4])',
                         "wall: did not come up"])
    if len(ours) != 3:
        raise Failed(f"of one text of ours, one figure, one name and one fault, three must be told; told were {ours}")


def main():
    given = arguments(__doc__.splitlines()[0])
    steps, problems, measured = Steps(), [], 0
    catalog = Catalog()
    can_fail(catalog)
    with Desk(given) as desk:
        unit = a_unit(desk)
        for percent in (100, 125):
            for language in ("en", "zh"):
                with steps.step(f"{language}, text x{percent / 100:.2f}"):
                    profile = desk.folder / f"clip-{language}-{percent}"
                    profile.mkdir()
                    (profile / "client.conf").write_text(f"text_percent = {percent}\n", encoding="ascii")
                    words = catalog.chinese if language == "zh" else str
                    client = desk.client("--language", language, "--theme", "light", profile=profile.name)
                    client.wait(re.escape(words("Wall of meters")), 40)
                    client.settle(1.0)
                    seen = set()

                    def look(page, seen=seen, client=client, percent=percent, language=language):
                        seen.update(client.texts())
                        desk.display.screenshot(desk.pictures / f"clip-{language}-{percent}" / f"{page}.png")

                    found = tour(client, words, unit, look)
                    measured += len(seen)
                    problems += [f"{language} x{percent / 100:.2f} {problem}" for problem in catalog.ours(found)]
                    client.close()
    print(f"{measured} texts on {len(STOPS)} screens were measured, {len(problems)} are cut or missing")
    steps.finish()
    if problems:
        raise Failed("\n  ".join(["texts without room:"] + sorted(set(problems))))


if __name__ == "__main__":
    run(main)
