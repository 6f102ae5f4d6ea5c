#!/usr/bin/env python3
"""Runs clang-tidy over the C++ files that changed since they last passed.

usage: tidy.py ROOT BUILD_FOLDER CACHE_FOLDER SECONDS   (SECONDS 0: no limit)

Reading the headers of gRPC and running 80 checks over them costs 12 s a file, whatever the file holds. So some twenty
files are read together as one translation unit; files that define the same private name go to different units, and one
that still does not go together with the others is read again without them. A file whose content, headers and checks are
as they were when it passed is not looked at again. Files changed last come first; what the time does not allow is
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

GROUP = 20
DIAGNOSTIC = re.compile(r"^(/[^:\n]+):(\d+):(\d+): (?:warning|error): (.*) \[([a-zA-Z0-9.,-]+)\]$")
STACK = re.compile(r"^In file included from (\S+?):(\d+)[:,]")
# The name that a line at the left margin defines: a constant, a function, a type.
DEFINES = re.compile(r"^(?!namespace\b|#|//|template\b|TEST|INSTANTIATE)[A-Za-z_].*?\b(\w+)\s*(?:[({=\[]|$)")
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
        flags = []
        for word, following in zip(words, words[1:] + [""]):
            if word.startswith(("-I", "-D")):
                flags.append(word)
            elif word == "-isystem":
                flags.append("-isystem" + following)
        return flags

    def common_flags(self):
        """What all files are read with: the union, so that any of them go together."""
        union = sorted({flag for flags in self.commands.values() for flag in flags})
        header = os.path.join(self.root, "protos/pch.h")
        return ["-std=c++20", "-Wno-everything", *union] + (["-include", header] if os.path.exists(header) else [])

    def private_names(self, path):
        """Names that would clash with the same ones of another file: (enclosing namespace, name)."""
        enclosing, unnamed, names = "", False, set()
        for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
            if line.startswith("namespace {"):
                unnamed = True
            elif line.startswith("namespace "):
                enclosing, unnamed = line.split()[1], False
            elif line.startswith("}  // namespace") and line.rstrip() in ("}  // namespace", "}  // namespace {"):
                unnamed = False
            elif line.startswith("int main("):
                names.add(("", "main"))
            elif unnamed or line.startswith("static "):
                found = DEFINES.match(line)
                if found:
                    names.add((enclosing, found.group(1)))
        return names

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
        for name in sorted(reached):
            digest.update(name.encode() + b"\0" + reached[name])
        return digest.hexdigest()


def to_blame(tree, paths, unit, output):
    """The files that hinder a unit from compiling; empty when there is no telling."""
    guilty = {m.group(1) for m in map(DIAGNOSTIC.match, output.splitlines()) if m and m.group(5) == "clang-diagnostic-error"}
    if guilty and guilty <= set(paths):
        return guilty
    # The error shows in a header; the compiler says from which line of the unit it came there.
    parsed = subprocess.run(["clang++-14", "-fsyntax-only", "-ferror-limit=0", *tree.common_flags(), unit],
                            capture_output=True, text=True, check=False, cwd=tree.root)
    return {paths[int(m.group(2)) - 1] for m in map(STACK.match, parsed.stderr.splitlines()) if m and m.group(1) == unit}


def run_clang_tidy(tree, paths):
    """(files that clang could read together, those it could not, findings in the former)."""
    with tempfile.TemporaryDirectory() as folder:
        unit = os.path.join(folder, "unit.cc")
        pathlib.Path(unit).write_text("".join(f'#include "{p}"\n' for p in paths), encoding="utf-8")
        done = subprocess.run(
            ["clang-tidy-14", "--quiet", f"--config-file={tree.root}/.clang-tidy", unit, "--", *tree.common_flags()],
            capture_output=True, text=True, check=False, cwd=tree.root)
        guilty = to_blame(tree, paths, unit, done.stdout) if done.returncode != 0 else set()
        if done.returncode != 0 and not guilty:
            return [], list(paths), set()
    findings = set()
    for line in done.stdout.splitlines():
        match = DIAGNOSTIC.match(line)
        if not match:
            continue
        path, number, _, what, check = match.groups()
        shown = os.path.relpath(os.path.realpath(path), tree.root)
        if path in guilty or "clang-diagnostic" in check or shown.startswith(".."):
            continue
        findings.add(f"{shown}:{number}: clang-tidy: {what} [{check}]; remedy: as the text says, or NOLINT({check}) with a reason")
    return [p for p in paths if p not in guilty], sorted(guilty), findings


def check_group(tree, paths, deadline):
    """[(paths, "left" | "unread" | "read", findings)]."""
    if not paths:
        return []
    if deadline and time.monotonic() > deadline:
        return [(paths, "left", set())]
    together, apart, findings = run_clang_tidy(tree, paths)
    if len(paths) == 1:
        return [(paths, "unread" if apart else "read", findings)]
    if not together:  # no telling which: halves
        middle = len(apart) // 2
        return check_group(tree, apart[:middle], deadline) + check_group(tree, apart[middle:], deadline)
    return [(together, "read", findings)] + check_group(tree, apart, deadline)


def changed_at(root):
    """When a file changed: by its last commit (a fresh clone's files are all equally old), or now if not committed yet."""
    def git(*words):
        done = subprocess.run(["git", "-C", root, "-c", "core.quotePath=false", *words],
                              capture_output=True, text=True, check=False)
        return done.stdout.splitlines()

    known, at = {}, 0
    for line in git("log", "--format=%x00%ct", "--name-only", "--no-renames"):
        if line.startswith("\0"):
            at = int(line[1:])
        elif line:
            known.setdefault(line, at)
    for name in git("diff", "--name-only", "HEAD"):
        known[name] = time.time()
    return lambda path: known.get(os.path.relpath(path, root), time.time())


def batches_of(tree, waiting):
    """Batches of files that share no private name, those changed last first."""
    batches = []
    for path in sorted(waiting, key=changed_at(tree.root), reverse=True):
        names = tree.private_names(path)
        for members, taken in batches:
            if len(members) < GROUP and not names & taken:
                members.append(path)
                taken |= names
                break
        else:
            batches.append(([path], set(names)))
    return [members for members, _ in batches]


def main():
    root, build, cache, seconds = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), int(sys.argv[4])
    tree = Tree(root, build)
    cache.mkdir(parents=True, exist_ok=True)
    keys = {path: tree.key(path) for path in tree.commands}
    passed = [path for path in keys if (cache / keys[path]).exists()]
    unreadable = [path for path in keys if (cache / (keys[path] + ".unread")).exists()]
    waiting = [path for path in keys if path not in {*passed, *unreadable}]
    batches = batches_of(tree, waiting)

    deadline = time.monotonic() + seconds if seconds else None
    all_findings = set()
    left, unread = 0, unreadable
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
        for outcome in workers.map(lambda batch: check_group(tree, batch, deadline), batches):
            for paths, state, findings in outcome:
                all_findings |= findings
                if state == "left":
                    left += len(paths)
                    continue
                if state == "unread":
                    unread += paths
                    for path in paths:
                        (cache / (keys[path] + ".unread")).touch()
                elif not findings:
                    for path in paths:
                        (cache / keys[path]).touch()
    for line in sorted(all_findings):
        print(line)
    if unread:
        # The compiler is gcc 12; what it builds and clang 14 cannot read is not wrong.
        names = ", ".join(os.path.relpath(p, tree.root) for p in sorted(unread))
        print(f"  clang-tidy: not read, clang 14 does not understand: {names}")
    print(f"  clang-tidy: {len(keys)} files, {len(passed)} unchanged since they passed, "
          f"{len(all_findings)} findings" + (f", {left} left for the next run (time)" if left else ""))
    return 1 if all_findings else 0


if __name__ == "__main__":
    sys.exit(main())
