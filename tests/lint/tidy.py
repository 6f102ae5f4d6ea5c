#!/usr/bin/env python3
"""Runs clang-tidy over the C++ files that changed since they last passed.

usage: tidy.py ROOT BUILD_FOLDER CACHE_FOLDER SECONDS   (SECONDS 0: no limit)

Reading the headers of gRPC and running 80 checks over them costs 10 s a file, whatever the file holds. So files of one
folder with the same compiler flags are read together as one translation unit (a dozen at a time); when they do not
compile together, because two use the same private name, the group is halved. A file whose content, headers and checks
are as they were when it passed is not looked at again. Files changed last come first; what the time does not allow is
counted, and is the first of the next run.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

GROUP = 12
DIAGNOSTIC = re.compile(r"^(/[^:\n]+):(\d+):(\d+): (?:warning|error): (.*) \[([a-zA-Z0-9.,-]+)\]$")
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.M)


class Tree:
    """The compile commands of a build, and what each file's verdict depends on."""

    def __init__(self, root, build):
        self.root = os.path.realpath(root)
        self.build = build
        self.config = pathlib.Path(root, ".clang-tidy").read_bytes()
        self.commands = {}
        self._content = {}
        for entry in json.loads(pathlib.Path(build, "compile_commands.json").read_text(encoding="utf-8")):
            path = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
            relative = os.path.relpath(path, self.root)
            if re.match(r"(common|services|tests)/", relative) and os.path.exists(path):
                self.commands[path] = self._flags(shlex.split(entry["command"]))

    def _flags(self, words):
        """Only what changes the meaning of the text; gcc's precompiled header becomes the header it was made of."""
        flags = ["-std=c++20", "-Wno-everything"]
        position = 1
        while position < len(words):
            word = words[position]
            if word.startswith(("-I", "-D")):
                flags.append(word)
            elif word in ("-isystem", "-include"):
                position += 1
                if word == "-isystem":
                    flags += [word, words[position]]
                else:
                    flags += ["-include", os.path.join(self.root, "protos/pch.h")]
            position += 1
        return tuple(flags)

    def closure(self, path, seen):
        """The contents of a file and of every header of the tree that it reaches."""
        if path in seen or not os.path.isfile(path):
            return
        if path not in self._content:
            self._content[path] = pathlib.Path(path).read_bytes()
        seen[path] = self._content[path]
        for name in INCLUDE.findall(self._content[path]):
            self.closure(os.path.join(self.root, name.decode()), seen)

    def key(self, path):
        """Changes when anything changes that the verdict on `path` depends on."""
        reached = {}
        self.closure(path, reached)
        digest = hashlib.sha256(self.config)
        digest.update(" ".join(self.commands[path]).encode())
        for name in sorted(reached):
            digest.update(name.encode() + b"\0" + reached[name])
        return digest.hexdigest()


def run_clang_tidy(tree, paths):
    """(whether clang could read them, findings) of the files read together."""
    with tempfile.TemporaryDirectory() as folder:
        unit = os.path.join(folder, "unit.cc")
        if len(paths) == 1:
            unit = paths[0]
        else:
            pathlib.Path(unit).write_text("".join(f'#include "{p}"\n' for p in paths), encoding="utf-8")
        done = subprocess.run(
            ["clang-tidy-14", "--quiet", f"--config-file={tree.root}/.clang-tidy", unit, "--", *tree.commands[paths[0]]],
            capture_output=True, text=True, check=False, cwd=tree.root)
    findings = set()
    compiled = done.returncode == 0
    for line in done.stdout.splitlines():
        match = DIAGNOSTIC.match(line)
        if not match:
            continue
        path, number, _, what, check = match.groups()
        path = os.path.relpath(os.path.realpath(path), tree.root)
        if "clang-diagnostic" in check or path.startswith(".."):
            continue
        findings.add(f"{path}:{number}: clang-tidy: {what} [{check}]; remedy: as the text says, or NOLINT({check}) with a reason")
    return compiled, findings


def check_group(tree, paths, deadline):
    """[(paths, "left" | "unread" | "read", findings)]."""
    if deadline and time.monotonic() > deadline:
        return [(paths, "left", set())]
    compiled, findings = run_clang_tidy(tree, paths)
    if compiled or len(paths) == 1:
        return [(paths, "read" if compiled else "unread", findings)]
    middle = len(paths) // 2
    return check_group(tree, paths[:middle], deadline) + check_group(tree, paths[middle:], deadline)


def main():
    root, build, cache, seconds = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), int(sys.argv[4])
    tree = Tree(root, build)
    cache.mkdir(parents=True, exist_ok=True)
    keys = {path: tree.key(path) for path in tree.commands}
    waiting = [path for path in keys if not (cache / keys[path]).exists()]
    newest = {path: os.path.getmtime(path) for path in waiting}
    groups = {}
    for path in waiting:
        groups.setdefault((os.path.dirname(path), tree.commands[path]), []).append(path)
    batches = []
    for members in groups.values():
        members.sort(key=lambda p: -newest[p])
        batches += [members[i:i + GROUP] for i in range(0, len(members), GROUP)]
    batches.sort(key=lambda batch: -max(newest[p] for p in batch))

    deadline = time.monotonic() + seconds if seconds else None
    all_findings = set()
    left, unread = 0, []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
        for outcome in workers.map(lambda batch: check_group(tree, batch, deadline), batches):
            for paths, state, findings in outcome:
                all_findings |= findings
                if state == "left":
                    left += len(paths)
                    continue
                if state == "unread":
                    unread += paths
                if not findings:
                    for path in paths:
                        (cache / keys[path]).touch()
    for line in sorted(all_findings):
        print(line)
    if unread:
        # The compiler is gcc 12; what it builds and clang 14 cannot read is not wrong.
        names = ", ".join(os.path.relpath(p, tree.root) for p in sorted(unread))
        print(f"  clang-tidy: read only in part, clang 14 does not understand: {names}")
    print(f"  clang-tidy: {len(keys)} files, {len(keys) - len(waiting)} unchanged since they passed, "
          f"{len(all_findings)} findings" + (f", {left} left for the next run (time)" if left else ""))
    return 1 if all_findings else 0


if __name__ == "__main__":
    sys.exit(main())
