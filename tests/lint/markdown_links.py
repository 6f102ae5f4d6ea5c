"""Links in Markdown lead somewhere: relative files exist, and so do the headings that anchors name."""

import os
import re

from source_tree import Finding

LINK = re.compile(r"(?<!\!)\[(?:[^\]\[]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|!\[[^\]]*\]\(([^)\s]+)[^)]*\)")
REFERENCE = re.compile(r"^\s*\[[^\]]+\]:\s*(\S+)")


def _outside_code(file):
    """(number, line) outside fenced blocks, inline code blanked out."""
    fence = None
    for number, line in enumerate(file.lines, 1):
        mark = re.match(r"\s*(```+|~~~+)", line)
        if mark:
            if fence is None:
                fence = mark.group(1)[:3]
            elif mark.group(1).startswith(fence):
                fence = None
            continue
        if fence is None:
            yield number, line


def anchors(file):
    """The anchors that a page's headings get, as the usual forges make them."""
    seen = {}
    result = set()
    for _, line in _outside_code(file):
        heading = re.match(r"#{1,6}\s+(.*?)\s*#*\s*$", line)
        for explicit in re.findall(r"<a\s+(?:id|name)=\"([^\"]+)\"", line):
            result.add(explicit)
        if not heading:
            continue
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.group(1)).lower()
        slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        result.add(slug if count == 0 else f"{slug}-{count}")
    return result


def check(file, by_path, root):
    """Findings for one page; `by_path` holds every file of the tree."""
    if file.language != "md":
        return []
    findings = []
    folder = os.path.dirname(file.path)
    for number, line in _outside_code(file):
        line = re.sub(r"`[^`]*`", "", line)
        targets = [a or b for a, b in LINK.findall(line)] + REFERENCE.findall(line)
        for target in targets:
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            path, _, anchor = target.partition("#")
            full = os.path.normpath(os.path.join(folder, path)) if path else file.path
            if full.startswith(".."):
                findings.append(Finding(file.path, number, "markdown-link", f"{target} leaves the tree", "link inside the tree"))
            elif not os.path.exists(os.path.join(root, full)) and full not in by_path:
                findings.append(Finding(file.path, number, "markdown-link", f"{target} does not exist", "mend or drop the link"))
            elif anchor and full in by_path and by_path[full].language == "md" and anchor not in anchors(by_path[full]):
                findings.append(Finding(file.path, number, "markdown-link", f"{full} has no heading #{anchor}",
                                        "use one of its headings, lower case, spaces as -"))
    return findings
