"""Text -> HTML that says exactly that text, whatever it holds."""

from __future__ import annotations

import html
import re

# What no HTML parser hands back: NUL, and halves of surrogate pairs, which UTF-8 cannot carry either.
_UNSAYABLE = re.compile("[\x00\ud800-\udfff]")


def escaped(text: str) -> str:
    """`text` for use in an element or a quoted attribute; the page shows it as text, one for one.

    A carriage return is spelled out, because parsers turn a bare one into a line feed.
    """
    return html.escape(_UNSAYABLE.sub("\ufffd", text), quote=True).replace("\r", "&#13;")


def attributes(**values: str | int | bool | None) -> str:
    """Attributes with a space before each: `data_turn=1` is data-turn="1". None and False are left out."""
    return "".join(
        f" {_dashed(name)}" if value is True else f' {_dashed(name)}="{escaped(str(value))}"'
        for name, value in values.items() if value is not None and value is not False
    )


def element(tag: str, inner: str, **values: str | int | bool | None) -> str:
    """`<tag …>inner</tag>`; `inner` is HTML, the attributes' values are text."""
    return f"<{tag}{attributes(**values)}>{inner}</{tag}>"


def _dashed(name: str) -> str:
    return name.rstrip("_").replace("_", "-")
