"""Rules on lines of text: banned calls, SQL, places, names and lengths. Why each stands: CONTRIBUTING.md."""

import hashlib
import os
import pathlib
import re

from source_tree import Finding

MAX_LINES = 450

# Where the C++ and the SQL lie.
OURS = r"^(common|services|tests)/"

# (rule, languages, only these paths, pattern, what, remedy); judged on code, comments left out.
LINE_RULES = [
    ("driver-commit", {"cc"}, r"", r"(\.|->)\s*(commit|rollback|setAutoCommit)\s*\(",
     "Connector/C++ never reports that this failed",
     'run the statement "COMMIT" or "ROLLBACK" (mysql::RunTransaction does)'),
    ("reconnect", {"cc"}, r"", r"OPT_RECONNECT|(\.|->)\s*reconnect\s*\(",
     "reconnecting in mid-transaction keeps only its second half",
     "discard the connection and take another from the pool"),
    ("driver-double", {"cc"}, OURS, r"(\.|->)\s*(getDouble|setDouble)\s*\(",
     "the driver prints a prepared DOUBLE with six decimals (1e-7 becomes 0.000000)", "DECIMAL or text, bound and read as a string"),
    ("query-timeout", {"cc"}, OURS, r"\bsetQueryTimeout\s*\(",
     "it costs a round trip and sticks to the pooled session", "the statement limit that mysql::Pool sets"),
    ("driver-instance", {"cc"}, r"^(?!common/mysql/driver\.cc$)" + OURS, r"\bget_driver_instance\s*\(",
     "it is not thread-safe", "mysql::Connect of common/mysql/driver.h, which calls it once"),
    ("unfit-library", {"cc"}, OURS, r"#\s*include\s*[<\"](httplib\.h|jwt-cpp/|jwt/jwt\.hpp)",
     "eight slow clients stop httplib; the JWT libraries accept tokens without exp and mix algorithm families",
     "Boost.Beast for what listens; common/crypto/jwt.h for tokens"),
    ("one-sided-sql", {"cc", "sql"}, OURS, r"\bRETURNING\b|(?i:\bFOR\s+SHARE\b|utf8mb4_0900)",
     "MariaDB or MySQL does not have it", "what both have: a second SELECT, FOR UPDATE, utf8mb4_bin"),
    ("service-config", {"cc", "json"}, r"", r"\"(timeout|hedgingPolicy)\\?\"\s*:",
     "in a gRPC service config timeout fires at random, and hedgingPolicy is ignored",
     "ClientCall, which sets the deadline of each call; retryPolicy"),
    ("select-star", {"cc", "sql", "sh", "py"}, r"", r"(?i)\bSELECT\s+(DISTINCT\s+)?([a-z_]+\.)?\*",
     # lint:allow(select-star) the message names what it bans
     "SELECT * breaks when a column is added", "name the columns"),
    ("double-column", {"sql"}, r"", r"(?i)\b(DOUBLE|FLOAT|REAL)\b(?=[^']*$|[^']*'[^']*'[^']*$)",
     "a binary fraction changes laboratory values", "DECIMAL(p,s), or VARCHAR as sent"),
    ("named-lock", {"cc", "sql", "sh", "py"}, r"", r"(?i)\bGET_LOCK\s*\(|\bLOCK\s+TABLES\b",
     "local to one node of a cluster", "a lease row with an expiry and a fencing epoch"),
    ("test-sleep", {"cc"}, r"^tests/|_test\.cc$",
     r"\b(sleep_for|sleep_until|SleepFor|usleep|nanosleep)\s*\(|(?<![\w.>])sleep\s*\(\s*\d",
     "a timed sleep makes a test slow or flaky", "await a condition with a deadline (tests/support)"),
    ("test-sleep", {"sh", "py"}, r"^tests/", r"^\s*sleep\s+[0-9]|\btime\.sleep\s*\(",
     "a timed sleep makes a test slow or flaky", "await a condition with a deadline"),
    ("machine-path", None, r"", r"(?<![\w.$}/])/(work|home/[a-z]\w*|Users|root)/\w",
     "a path of one machine", "a path from the top of the tree, or a setting"),
]

# A look at a condition, again and again until a deadline, is what a test should do instead of sleeping.
AWAITS = re.compile(r"\b(for|while|do|until|if)\b.*(deadline|until|Now\(|now\()|^\s*\} while \(", re.I)

# Judged on whole lines, comments included. Written in pieces, so that this file does not break its own rules.
OPEN_WORK = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
REGISTRY = re.compile(
    r"(?i)\b(?:registry|deb|security|ftp|snapshot|archive|files|proxy|index|static|repo1?|www)\."
    r"(?:npm" + r"js|deb" + r"ian|python" + r"hosted|go" + r"lang|crates|docker|maven|yarn" + r"pkg)\.(?:org|com|io)"
    r"|\b(?:py" + r"pi\.org|gh" + r"cr\.io|qu" + r"ay\.io|docker" + r"\.io)\b")

BANNED_NAMES = re.compile(r"(^|_)(util|utils|helper|helpers|manager|misc)(_|\.|$)|^common\.(cc|h)$|[a-z][0-9]+\.(cc|h)$")
# sha256.h, hl7.h: the field's own words that end in a numeral.
NUMERAL_WORDS = re.compile(r"(hl7v?2?|sha256|es256|mllp|gb18030|fhir_?r4|base64|hex|uuidv7|argon2|v2)\.(cc|h)$")

TOP_LEVEL = {
    "CMakeLists.txt", "CMakePresets.json", "README.md", "README.zh-CN.md", "CONTRIBUTING.md", "LICENSE", ".clang-format",
    ".clang-tidy", ".gitignore", ".ci", "protos", "common", "services", "deploy", "tests",
}


def check_lines(file):
    """The banned patterns."""
    findings = []
    for rule, languages, where, pattern, what, remedy in LINE_RULES:
        if languages is not None and file.language not in languages:
            continue
        if not re.search(where, file.path):
            continue
        compiled = re.compile(pattern)
        for number, line in file.code_lines():
            if not compiled.search(line) or file.allows(number, rule):
                continue
            if rule == "test-sleep" and any(AWAITS.search(above) for above in file.lines[max(0, number - 9):number]):
                continue
            findings.append(Finding(file.path, number, rule, what, remedy))
    for number, line in enumerate(file.lines, 1):
        if OPEN_WORK.search(line) and not file.allows(number, "open-work"):
            findings.append(Finding(file.path, number, "open-work", "unfinished work is left as a note",
                                    "finish it, or open an issue and take the note out"))
        if REGISTRY.search(line) and not file.allows(number, "registry-host"):
            findings.append(Finding(file.path, number, "registry-host", "names a package registry's host",
                                    "leave the host to the machine's own configuration of apt, npm or pip"))
    return findings


def check_length(file):
    """Small rooms: 400 lines is the aim, 450 the limit."""
    if file.language not in {"cc", "py", "sh", "ts", "sql", "proto", "cmake"} or len(file.lines) <= MAX_LINES:
        return []
    if file.language == "proto":
        return []  # one proto is one API; its comments are its manual
    return [Finding(file.path, len(file.lines), "file-length", f"{len(file.lines)} lines, {MAX_LINES} at most",
                    "split it after the things it does; each file is named for its one main thing")]


def check_name(file):
    """A name tells what a file is; the top level holds what the architecture names."""
    findings = []
    if BANNED_NAMES.search(file.name) and not NUMERAL_WORDS.search(file.name):
        findings.append(Finding(file.path, 1, "file-name", f"\"{file.name}\" does not tell what is inside",
                                "name the file after its one main thing; no util, helper, manager, misc, no numerals"))
    top = file.path.split("/", 1)[0]
    if top not in TOP_LEVEL:
        findings.append(Finding(file.path, 1, "top-level", f"\"{top}\" is not part of the tree's plan",
                                "put it under protos, common, services, deploy or tests"))
    return findings


def load_test_data(folder):
    """Hashes of the shared test data: whole files, and lines long enough not to match by chance. None when absent."""
    if not os.path.isdir(folder):
        return None
    hashes = set()
    for path in pathlib.Path(folder).rglob("*"):
        if not path.is_file() or path.name == "README.md" or "LICENSE" in path.name.upper():
            continue
        data = path.read_bytes()
        hashes.add(hashlib.sha256(data).digest())
        for line in re.split(rb"[\r\n]+", data):
            line = line.strip()
            if len(line) >= 100:
                hashes.add(hashlib.sha256(line).digest())
    return hashes


def check_copied(file, hashes):
    """Foreign test data is read from its own folder, under its own licence, never copied."""
    if not hashes:
        return []
    remedy = "read it from YILIAN_TESTDATA, or write a message of your own"
    if hashlib.sha256(file.text.encode()).digest() in hashes:
        return [Finding(file.path, 1, "copied-test-data", "a file of the shared test data", remedy)]
    for number, line in enumerate(file.lines, 1):
        for piece in re.split(r"\\r|\\n|\r", line):
            piece = piece.strip().strip('"')
            if len(piece) >= 100 and hashlib.sha256(piece.encode()).digest() in hashes:
                return [Finding(file.path, number, "copied-test-data", "a line of the shared test data", remedy)]
    return []
