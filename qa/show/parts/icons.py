"""Pictures drawn in the page itself, in the colour of the words around them."""

from __future__ import annotations

_STROKE = 'fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"'


def _icon(path: str) -> str:
    return (f'<svg viewBox="0 0 24 24" width="16" height="16" {_STROKE} aria-hidden="true" focusable="false">'
            f'<path d="{path}"/></svg>')


UP = _icon("M7 10v11H3V10zM7 10l4.5-8c1.7 0 2.5 1.3 2.2 3L13 9h6.2a2 2 0 0 1 2 2.3l-1.2 8a2 2 0 0 1-2 1.7H7")
DOWN = _icon("M17 14V3h4v11zM17 14l-4.5 8c-1.7 0-2.5-1.3-2.2-3L11 15H4.8a2 2 0 0 1-2-2.3l1.2-8a2 2 0 0 1 2-1.7H17")
