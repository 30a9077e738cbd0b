"""The rules of the house, each a function: (tree) -> list of "path:line: what is wrong, and why".

A tree is a mapping of repository paths to file contents, so that the self-test can plant violations
without touching the disk.
"""

import re

LINES_MAX = 400

# Who may include whom (docs/architecture.md). A folder not named here may not hold C++ at all.
# The longest matching folder decides, so that collector/protocols has a rule of its own.
ARROWS = {
    "core": {"core"},
    "storage": {"storage", "core"},
    "collector/protocols": {"collector/protocols", "core"},
    # A driver turns quantities into exchanges; what is done with them, and the database, are not its business.
    "collector/drivers": {"collector/drivers", "collector", "collector/protocols", "core", "collector/transports"},
    "collector": {"collector", "collector/drivers", "collector/protocols", "storage", "core", "collector/transports", "collector/platform"},
    # Links stand alone: the gateway has the other end of them.
    "collector/transports": {"collector/transports", "collector/platform", "collector/protocols", "core"},
    "collector/platform": {"collector/platform", "collector/transports", "collector/protocols", "core", "collector"},
    "gateway": {"gateway", "collector/transports", "collector/platform", "collector/protocols", "core"},
    # proto/ also holds what every client of the API needs (the pinned channel); wutong/v1 is generated from it.
    "proto": {"proto", "core", "wutong/v1"},
    "server": {"server", "storage", "proto", "core", "wutong/v1"},
    "ctl": {"ctl", "proto", "core", "wutong/v1"},
    "client-wx": {"client-wx", "proto", "core", "wutong/v1"},
    "simulator": {"simulator", "collector/protocols", "core"},
    "tests": None,  # tests may look everywhere
}

# Libraries that belong to some folders alone: header prefix -> where it may be included.
LIBRARIES = {
    "pqxx/": {"storage", "tests"},
    "libpq": {"storage", "tests"},
    "grpc": {"proto", "server", "ctl", "client-wx", "tests"},
    "wx/": {"client-wx", "tests"},
    "modbus": {"collector", "simulator", "tests"},
    "sqlite3": {"collector", "tests"},
    "mosquitto": {"collector", "simulator", "tests"},
}

# The domain does no input or output, reads no clock and starts no threads.
CORE_REFUSES = re.compile(
    r"<(thread|mutex|shared_mutex|condition_variable|future|atomic|fstream|iostream|filesystem|"
    r"random|ctime|unistd\.h|sys/.*|boost/.*|spdlog/.*|openssl/.*)>")
CORE_CLOCKS = re.compile(r"\b(system_clock|steady_clock|high_resolution_clock)::now\b|\bstd::time\(|\bgetenv\(")

# Files outside storage/ and sql/ that hold SQL, each with its reason. None of them speaks to PostgreSQL.
SQL_ALLOWED = {
    "collector/recording/spool.cpp": "the collector's own SQLite file, which lives when the database does not",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
CPP = (".cpp", ".hpp", ".h", ".cc")
CODE = CPP + (".py", ".sh", ".proto", ".cmake", ".sql")
GENERATED = re.compile(r"\.pb\.(h|cc)$")

RAW_STRING = re.compile(r'R"(\w*)\((.*?)\)\1"', re.S)
STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
SQL = re.compile(
    r"^\s*(select\b.*\b(from|where)\b|select\s+\w+\s*\(|with\s+\w+\s+as\s*\(|insert\s+into\s|delete\s+from\s|"
    r"update\s+\w+\s+set\s|create\s+(table|index|role|schema|temp)|alter\s+(table|role)|drop\s+table|"
    r"truncate\s|listen\s+\w+$|notify\s+\w+$|copy\s+\w+\s*\(|set\s+(local|session)\s|begin;|lock\s+table)",
    re.I | re.S)

# Written in pieces so that this file does not trip over itself.
MACHINE_PATHS = re.compile(r"(?<![\w.~-])/wor" + r"k/|\.\./shar" + r"ed/")
SECRETS = re.compile("|".join([
    "-----BEGIN (?:[A-Z]+ )?PRIVATE" + " KEY-----",
    r"\bAKIA[0-9A-Z]{16}\b",
    r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    r"\bxox[abp]-[A-Za-z0-9-]{20,}",
    # A database address with a password written into it; placeholders have $, <, {, … or
    # the password that everybody knows in that place.
    r"postgres(?:ql)?://\w+:(?!\.\.\.|…|PASSWORD|secret|hunter2)[^@\s$<{%\"'+]{4,}@",
]))


def top(path):
    """The folder whose rule holds for a path."""
    for folder in sorted(ARROWS, key=len, reverse=True):
        if path.startswith(folder + "/"):
            return folder
    return path.split("/", 1)[0] if "/" in path else ""


def numbered(text):
    return enumerate(text.splitlines(), start=1)


def sources(tree, suffixes=CPP):
    return ((p, t) for p, t in sorted(tree.items()) if p.endswith(suffixes) and not GENERATED.search(p))


def include_arrows(tree):
    wrong = []
    for path, text in sources(tree):
        folder = top(path)
        if folder not in ARROWS:
            wrong.append(f"{path}:1: C++ in a folder that has no rule; add it to ARROWS in tests/architecture/rules.py")
            continue
        allowed = ARROWS[folder]
        for line, code in numbered(text):
            found = INCLUDE.match(code)
            if not found:
                continue
            quoted, header = found.group(1) == '"', found.group(2)
            place = f"{path}:{line}"
            target = "wutong/v1" if header.startswith("wutong/v1/") else top(header)
            if quoted and (".." in header.split("/") or (target not in ARROWS and target != "wutong/v1")):
                if folder != "tests" or ".." in header.split("/"):
                    wrong.append(f'{place}: "{header}" is not a path from the repository root')
                continue
            if not quoted and target in ARROWS:
                wrong.append(f'{place}: <{header}> is ours: include it as "{header}"')
            if (quoted or target == "wutong/v1") and allowed is not None and target not in allowed:
                wrong.append(f"{place}: {folder} may include only {', '.join(sorted(allowed))}; this is {target}")
    return wrong


def libraries(tree):
    wrong = []
    for path, text in sources(tree):
        owner = path.split("/", 1)[0]
        for line, code in numbered(text):
            found = INCLUDE.match(code)
            if found and found.group(1) == "<":
                for prefix, folders in LIBRARIES.items():
                    if found.group(2).startswith(prefix) and owner not in folders:
                        wrong.append(f"{path}:{line}: <{found.group(2)}> belongs to {', '.join(sorted(folders))} only")
            if owner == "core":
                if CORE_REFUSES.search(code) and found:
                    wrong.append(f"{path}:{line}: the domain does no I/O, reads no clock and starts no threads")
                if CORE_CLOCKS.search(code):
                    wrong.append(f"{path}:{line}: the domain is given the time, it does not look at a clock")
    return wrong


def modbus_in_header(tree):
    wrong = []
    for path, text in sources(tree, (".hpp", ".h")):
        for line, code in numbered(text):
            found = INCLUDE.match(code)
            if found and found.group(2).startswith("modbus"):
                wrong.append(f"{path}:{line}: libmodbus defines macros (ON, OFF) that break others: .cpp files only")
    return wrong


def sql_outside_storage(tree):
    wrong = []
    for path, text in sources(tree):
        if path.startswith(("storage/", "tests/")) or path in SQL_ALLOWED:
            continue
        raw = [(m.start(), m.group(2)) for m in RAW_STRING.finditer(text)]
        # Blank the raw strings out, so that their quotes do not confuse the search for plain ones.
        plain = RAW_STRING.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)
        literals = raw + [(m.start(), m.group(1)) for m in STRING.finditer(plain)]
        for position, literal in sorted(literals):
            if SQL.match(literal):
                line = text.count("\n", 0, position) + 1
                wrong.append(f"{path}:{line}: SQL outside storage/ and sql/: {literal.strip()[:40]!r}")
    wrong.extend(f"{path}:1: listed in SQL_ALLOWED but gone; take it off the list"
                 for path in SQL_ALLOWED if path not in tree)
    return wrong


def long_files(tree):
    wrong = []
    for path, text in sorted(tree.items()):
        lines = text.count("\n")
        shell = text.startswith("#!") and "sh" in text.split("\n", 1)[0]
        if (path.endswith(CODE) or shell) and not path.startswith("sql/") and lines > LINES_MAX:
            wrong.append(f"{path}:{lines}: longer than {LINES_MAX} lines: one idea a file, split it")
    return wrong


def migration_numbers(tree):
    wrong = []
    names = sorted(p.rsplit("/", 1)[1] for p in tree if p.startswith("sql/migrations/") and p.endswith(".sql"))
    expected = 1
    for name in names:
        found = re.fullmatch(r"(\d{4})_[a-z0-9_]+\.sql", name)
        if not found:
            wrong.append(f"sql/migrations/{name}:1: a migration is named NNNN_what_it_does.sql")
            continue
        if int(found.group(1)) != expected:
            wrong.append(f"sql/migrations/{name}:1: expected number {expected:04d}: no gaps, none twice")
        expected = int(found.group(1)) + 1
    return wrong


def machine_paths_and_secrets(tree):
    wrong = []
    for path, text in sorted(tree.items()):
        for line, content in numbered(text):
            if MACHINE_PATHS.search(content):
                wrong.append(f"{path}:{line}: a path of one machine")
            if SECRETS.search(content):
                wrong.append(f"{path}:{line}: looks like a secret")
    return wrong


def coverage_paths(tree):
    """docs/coverage.md claims places in the tree; a claim must point at something that is there."""
    wrong = []
    folders = {p.rsplit("/", n)[0] for p in tree for n in range(1, p.count("/") + 1)}
    for line, content in numbered(tree.get("docs/coverage.md", "")):
        for path in re.findall(r"`([\w.-]+(?:/[\w.-]+)+)/?`", content):
            if path not in tree and path not in folders:
                wrong.append(f"docs/coverage.md:{line}: {path} does not exist")
    return wrong


RULES = [include_arrows, libraries, modbus_in_header, sql_outside_storage, long_files, migration_numbers,
         machine_paths_and_secrets, coverage_paths]
