#!/usr/bin/env python3
"""Checks the whole repository against rules.py. check.py [--self-test]; exit status 1 when a rule is broken.

The self-test plants one violation of each kind into a small sound repository on disk and expects exactly that
rule to speak up: a check that cannot fail proves nothing.
"""

import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import rules  # noqa: E402

FILE_BYTES_MAX = 4 << 20


def load(root):
    """All tracked text files (also new ones that git does not ignore)."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            check=True, capture_output=True).stdout.decode()
    tree = {}
    for name in filter(None, listed.split("\0")):
        path = pathlib.Path(root, name)
        if not path.is_file() or path.stat().st_size > FILE_BYTES_MAX:
            continue
        data = path.read_bytes()
        if b"\0" not in data[:8000]:
            tree[name] = data.decode("utf-8", errors="replace")
    return tree


def check(root):
    tree = load(root)
    return tree, {rule.__name__: rule(tree) for rule in rules.RULES}


SOUND = {
    "core/money.hpp": "#pragma once\n#include <cstdint>\n",
    "core/money.cpp": '#include "core/money.hpp"\n',
    "storage/sales.cpp": '#include <pqxx/pqxx>\n#include "core/money.hpp"\nauto q = "SELECT 1 FROM sale";\n',
    "collector/protocols/crc.hpp": '#include "core/money.hpp"\n',
    "collector/poll.cpp": '#include <modbus/modbus.h>\n#include "collector/protocols/crc.hpp"\n#include "storage/sales.hpp"\nauto s = "select a meter";\n',
    "server/sale.cpp": '#include "wutong/v1/sale.pb.h"\n#include "storage/sales.hpp"\n',
    "ctl/main.cpp": '#include "wutong/v1/sale.pb.h"\n',
    "simulator/bus.cpp": '#include "collector/protocols/crc.hpp"\n',
    "collector/recording/spool.cpp": 'auto q = "SELECT content FROM reading";\n',
    "sql/migrations/0001_first.sql": "CREATE TABLE a (b int);\n",
    "docs/coverage.md": "| C1 | `core/money.hpp` |\n",
}

# (rule that must speak, path, content added there)
PLANTED = [
    ("include_arrows", "core/bad.cpp", '#include "storage/sales.hpp"\n'),
    ("include_arrows", "storage/bad.cpp", '#include "server/sale.hpp"\n'),
    ("include_arrows", "collector/bad.cpp", '#include "wutong/v1/sale.pb.h"\n'),
    ("include_arrows", "collector/protocols/bad.cpp", '#include "collector/poll.hpp"\n'),
    ("include_arrows", "server/bad.cpp", '#include "collector/poll.hpp"\n'),
    ("include_arrows", "ctl/bad.cpp", '#include "storage/sales.hpp"\n'),
    ("include_arrows", "client-wx/bad.cpp", '#include "storage/sales.hpp"\n'),
    ("include_arrows", "simulator/bad.cpp", '#include "collector/poll.hpp"\n'),
    ("include_arrows", "simulator/bad.cpp", "#include <storage/sales.hpp>\n"),
    ("include_arrows", "core/bad.cpp", '#include "../core/money.hpp"\n'),
    ("include_arrows", "attic/bad.cpp", "int x;\n"),
    ("libraries", "core/bad.hpp", "#include <pqxx/pqxx>\n"),
    ("libraries", "core/bad.hpp", "#include <thread>\n"),
    ("libraries", "core/bad.cpp", "auto t = std::chrono::system_clock::now();\n"),
    ("libraries", "server/bad.cpp", "#include <pqxx/pqxx>\n"),
    ("modbus_in_header", "collector/bad.hpp", "#include <modbus/modbus.h>\n"),
    ("sql_outside_storage", "server/bad.cpp", 'auto q = "SELECT id FROM sale WHERE id = $1";\n'),
    ("sql_outside_storage", "server/bad.cpp", 'auto q = R"sql(\n  update sale set x = 1)sql";\n'),
    ("sql_outside_storage", "collector/bad.cpp", 'auto q = "INSERT INTO reading VALUES ($1)";\n'),
    ("long_files", "core/bad.cpp", "// line\n" * (rules.LINES_MAX + 1)),
    ("long_files", "run.sh", "#!/usr/bin/env bash\n" + ": line\n" * rules.LINES_MAX),
    ("migration_numbers", "sql/migrations/0003_gap.sql", "SELECT 1;\n"),
    ("migration_numbers", "sql/migrations/0001_again.sql", "SELECT 1;\n"),
    ("migration_numbers", "sql/migrations/2_short.sql", "SELECT 1;\n"),
    ("machine_paths_and_secrets", "docs/bad.md", "see /wor" + "k/main\n"),
    ("machine_paths_and_secrets", "deploy/bad.pem", "-----BEGIN PRIVATE" + " KEY-----\n"),
    ("machine_paths_and_secrets", "deploy/bad.toml", 'url = "postgresql://a:k2Xb8' + '@db/x"\n'),
    ("coverage_paths", "docs/coverage.md", "| C2 | `core/nowhere.hpp` |\n"),
]


def write(root, files):
    for name, content in files.items():
        path = pathlib.Path(root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def self_test():
    failures = []
    for expected, path, content in [(None, None, None)] + PLANTED:
        with tempfile.TemporaryDirectory() as root:
            subprocess.run(["git", "init", "-q", root], check=True)
            write(root, SOUND)
            if path:
                write(root, {path: content})
            spoke = [name for name, wrong in check(root)[1].items() if wrong]
            if spoke != ([expected] if expected else []):
                failures.append(f"{path or 'the sound repository'}: expected {expected}, these spoke: {spoke}")
    for failure in failures:
        print(failure)
    print(f"self-test: {len(PLANTED) + 1 - len(failures)} of {len(PLANTED) + 1} as expected")
    return 1 if failures else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if sys.argv[1:]:
        print(__doc__)
        return 2
    root = pathlib.Path(__file__).resolve().parents[2]
    tree, found = check(root)
    for wrong in found.values():
        for line in wrong:
            print(line)
    count = sum(len(wrong) for wrong in found.values())
    print(f"architecture: {len(tree)} files, {len(found)} rules, {count} violations")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
