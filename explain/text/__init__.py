"""A text model's output, told word by word: as a page, in a terminal, for machines."""

from explain.text.rendering import FORMATS, render_text_attribution

__all__ = ["FORMATS", "render_text_attribution"]
