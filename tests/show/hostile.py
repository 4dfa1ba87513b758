"""Text that tries to be more than text."""

from __future__ import annotations

from hypothesis import strategies as st

FRAGMENTS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</mark></p></div>", "<!-- ", "]]>", "&amp;",
    "&#13;", "![x](http://203.0.113.1/x.png)", "[link](javascript:alert(1))", "**bold** _it_ `code`", "# head",
    "$$\\frac{1}{2}$$",
    "{{value}}", "${value}", "`${1}`", "\u202eabc\u202c", "\u2067", "\r\n", "\r", "\t", '"', "'", " onclick=x ", "&",
    "<b>",     "سلام", "é", "e\u0301", "\U0001f600", "\x1b[31m", "\x07", "word", ". ", "\n", "\n\n",
)


def texts(min_size: int = 1) -> st.SearchStrategy[str]:
    """Text of any characters, with fragments of HTML, Markdown, LaTeX, templates and terminal codes in it."""
    pieces = st.sampled_from(FRAGMENTS) | st.text(max_size=8)
    joined = st.lists(pieces, min_size=min_size, max_size=12).map("".join)
    return joined.filter(lambda text: text.strip() != "")
