#!/usr/bin/env python3
"""Copies tables of docs/figures/suite.md into docs/performance.md, so that nobody types a figure.

Run from the root of the project after `benchmarks --output docs/figures/suite`. Tables go between the lines
`<!-- from figures/suite.md: HEADING -->` and `<!-- end -->`.
"""

import re
import sys
from pathlib import Path


def sections(report: str) -> dict[str, str]:
    """The text under each heading of the third level."""
    parts = re.split(r"^### (.*)\n", report, flags=re.MULTILINE)
    return {heading: text.strip() for heading, text in zip(parts[1::2], parts[2::2], strict=True)}


def main() -> int:
    page = Path("docs/performance.md")
    report = sections(Path("docs/figures/suite.md").read_text(encoding="utf-8"))
    missing = []

    def filled(match: re.Match[str]) -> str:
        if match["heading"] not in report:
            missing.append(match["heading"])
            return match[0]
        return f"{match['begin']}{report[match['heading']]}\n{match['end']}"

    marked = r"(?P<begin><!-- from figures/suite\.md: (?P<heading>.*?) -->\n).*?(?P<end><!-- end -->)"
    text, tables = re.subn(marked, filled, page.read_text(encoding="utf-8"), flags=re.DOTALL)
    if missing:
        print(f"docs/figures/suite.md has no heading {missing}; nothing was written.", file=sys.stderr)
        return 1
    page.write_text(text, encoding="utf-8")
    print(f"{tables} tables in {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
