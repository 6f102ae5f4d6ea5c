#!/usr/bin/env python3
"""Runs the rules of this folder over the tree and prints one line a finding.

usage: check_tree.py ROOT
"""

import os
import sys

import include_layers
import markdown_links
import source_tree
import text_rules


def check(root, test_data):
    """All findings of the tree at `root`, sorted; and the number of files looked at."""
    files = source_tree.load(root)
    by_path = {file.path: file for file in files}
    findings = []
    for file in files:
        findings += text_rules.check_lines(file)
        findings += text_rules.check_length(file)
        findings += text_rules.check_name(file)
        findings += text_rules.check_copied(file, test_data)
        findings += include_layers.check(file)
        findings += markdown_links.check(file, by_path, root)
    return sorted(findings), len(files)


def main():
    root = sys.argv[1]
    folder = os.environ.get("YILIAN_TESTDATA", os.path.join(root, "..", "shared", "testdata"))
    test_data = text_rules.load_test_data(folder)
    if test_data is None:
        print(f"  skipped: copied-test-data ({folder} is absent; YILIAN_TESTDATA names it)")
    findings, count = check(root, test_data)
    for finding in findings:
        print(finding)
    print(f"  rules: {count} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
