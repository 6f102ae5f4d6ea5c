"""The files that the lint rules look at, and how a finding is printed.

A finding is one line, `file:line: rule: what is wrong; remedy: what to write instead`. A rule is let off in one place by
a comment on that line or the one above, `lint:allow(rule) reason`; without a reason it does not count.
"""

import dataclasses
import os
import pathlib
import re
import subprocess

# Holds a bad sample for every rule.
SAMPLES = "tests/lint/selftest"

ALLOW = re.compile(r"lint:allow\(([a-z-]+)\)\s+\S+")


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    """One breach of a rule at a place."""

    path: str
    line: int
    rule: str
    what: str
    remedy: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.what}; remedy: {self.remedy}"


class SourceFile:
    """A text file of the tree: its path from the top, its lines, and its lines with comments blanked out."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.split("\n")
        if self.lines and not self.lines[-1]:
            self.lines.pop()

    @property
    def name(self):
        return self.path.rsplit("/", 1)[-1]

    @property
    def language(self):
        """cc, sh, py, sql, proto, md, ts, cmake, or the file's ending."""
        suffix = self.name.rsplit(".", 1)[-1] if "." in self.name.lstrip(".") else ""
        first = self.lines[0] if self.lines else ""
        if first.startswith("#!"):
            return "py" if "python" in first else "sh" if "sh" in first else suffix
        return {"h": "cc", "cpp": "cc", "tsx": "ts", "js": "ts"}.get(suffix, suffix)

    def code_lines(self):
        """(number, line) with comments taken out, for rules that judge code only."""
        marker = {"cc": "//", "ts": "//", "proto": "//", "sh": "#", "py": "#", "sql": "--", "cmake": "#"}.get(self.language)
        in_block = False
        for number, line in enumerate(self.lines, 1):
            if self.language in ("cc", "ts", "sql"):
                if in_block:
                    end = line.find("*/")
                    if end < 0:
                        continue
                    line, in_block = line[end + 2:], False
                line = re.sub(r"/\*.*?\*/", "", line)
                start = line.find("/*")
                if start >= 0:
                    line, in_block = line[:start], True
            if marker and marker in line:
                at = _comment_start(line, marker)
                if at >= 0:
                    line = line[:at]
            yield number, line

    def allows(self, number, rule):
        """True when a comment at the line or the one above lets the rule off, with a reason."""
        for at in (number - 1, number - 2):
            if 0 <= at < len(self.lines):
                found = ALLOW.search(self.lines[at])
                if found and found.group(1) == rule:
                    return True
        return False


def _comment_start(line, marker):
    """Where a comment begins that is not inside a string, else -1."""
    quote = None
    position = 0
    while position < len(line):
        character = line[position]
        if quote:
            if character == "\\":
                position += 1
            elif character == quote:
                quote = None
        elif character in "\"'":
            # An apostrophe between digits or letters (1'000, don't) opens nothing.
            if not (character == "'" and position and line[position - 1].isalnum()):
                quote = character
        elif line.startswith(marker, position):
            if marker != "#" or position == 0 or line[position - 1].isspace():
                return position
        position += 1
    return -1


def load(root):
    """Every text file that git knows or would know; generated and ignored files are left out."""
    listed = subprocess.run(
        ["git", "-C", root, "-c", "core.quotepath=off", "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        paths = listed.stdout.splitlines()
    else:  # an unpacked archive
        paths = [str(p.relative_to(root)) for p in pathlib.Path(root).rglob("*") if p.is_file()]
        paths = [p for p in paths if not re.match(r"(build|var|\.git)/|.*node_modules/", p)]
    files = []
    for path in sorted(set(paths) - {SAMPLES}):
        full = os.path.join(root, path)
        if not os.path.isfile(full) or os.path.islink(full):
            continue
        data = pathlib.Path(full).read_bytes()
        if b"\0" in data:
            continue
        try:
            files.append(SourceFile(path, data.decode("utf-8")))
        except UnicodeDecodeError:
            continue  # GB18030 samples and the like
    return files
