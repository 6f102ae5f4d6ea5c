#!/usr/bin/env python3
"""The samples of README.md, as its reader would copy them.

  samples.py block FILE LANGUAGE WORD   the one block of that language ("" for none) that holds the word
  samples.py packages FILE              every package that a block installs
  samples.py within PART WHOLE          fails naming what a block of PART has and none of WHOLE: it would never be run
"""
import ast
import re
import sys

FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Pictures and configuration, which nobody runs.
NOT_RUN = {"mermaid", "json"}


def blocks(path):
    with open(path, encoding="utf-8") as file:
        return FENCE.findall(file.read())


def block(path, language, word):
    found = [text for spoken, text in blocks(path) if spoken == language and word in text]
    if len(found) != 1:
        sys.exit(f"{path}: {len(found)} blocks of language '{language}' hold '{word}'; one was expected")
    return found[0]


def packages(path):
    commands = "".join(text for language, text in blocks(path) if language == "")
    for line in re.findall(r"^apt-get install (.*)$", commands, re.MULTILINE):
        yield from line.split()


def python_statements(path):
    """Statements by what they mean, so that another indentation is no difference."""
    for language, text in blocks(path):
        if language == "python":
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.stmt):
                    yield ast.dump(node), ast.unparse(node)


def lines(path):
    for language, text in blocks(path):
        if language not in NOT_RUN | {"python"}:
            for line in text.splitlines():
                # A comment is in the language of its page.
                yield re.sub(r"\s+#\s.*", "", line).strip()


def within(part, whole):
    statements = {meaning for meaning, _ in python_statements(whole)}
    surplus = [text for meaning, text in python_statements(part) if meaning not in statements]
    known = set(lines(whole))
    surplus += [line for line in lines(part) if line not in known]
    for text in surplus:
        print(f"{part} has what {whole} has not: {text}")
    return not surplus


def main(what, *arguments):
    if what == "block":
        print(block(*arguments), end="")
    elif what == "packages":
        print("\n".join(packages(*arguments)))
    elif not within(*arguments):
        sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
