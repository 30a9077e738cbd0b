#!/usr/bin/env python3
"""Every screen in Chinese and English, light and dark, at 1366x768, 1920x1080 and at 2x, kept in build/.../screenshots.

A screen that does not come up, or a text that had no room, fails. The pictures are for people: look at them beside the UI guide.
usage: screenshots.py [--only SIZE] [--system DIR]   SIZE: 1366x768, 1920x1080 or 2x
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from catalog import Catalog  # noqa: E402
from desk import Desk, Failed, Steps, arguments, run  # noqa: E402
from tour import a_unit, tour  # noqa: E402

# name: (width, height, scale)
SIZES = {"1366x768": (1366, 768, 1), "1920x1080": (1920, 1080, 1), "2x": (1366, 768, 2)}


def main():
    given = arguments(__doc__.splitlines()[0], only={"choices": list(SIZES), "help": "this size alone"})
    steps, problems = Steps(), []
    with Desk(given) as desk:
        catalog, unit = Catalog(), a_unit(desk)
        for size, display in SIZES.items():
            if given.only and size != given.only:
                continue
            desk.show(*display)
            for language in ("en", "zh"):
                for theme in ("light", "dark"):
                    name = f"{size}-{language}-{theme}"
                    with steps.step(name):
                        words = catalog.chinese if language == "zh" else str
                        client = desk.client("--language", language, "--theme", theme, signed_in=False, profile=f"seat-{name}")
                        client.wait(f"^{words('Operator')}$", 40)
                        client.settle(0.8)
                        desk.display.screenshot(desk.pictures / name / "sign-in.png")
                        client.close()
                        client = desk.client("--language", language, "--theme", theme, profile=f"seat-{name}")
                        client.wait(re.escape(words("Wall of meters")), 40)
                        client.settle(1.2)
                        found = tour(client, words, unit, lambda page, name=name: desk.display.screenshot(desk.pictures / name / f"{page}.png"))
                        problems += [f"{name} {problem}" for problem in catalog.ours(found)]
                        client.close()
    steps.finish()
    if problems:
        raise Failed(f"{len(problems)} screens or texts are not right:\n  " + "\n  ".join(problems))


if __name__ == "__main__":
    run(main)
