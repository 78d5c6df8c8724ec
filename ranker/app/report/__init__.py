"""The audit page: figures first, then a page that draws them."""

from ranker.app.report.figures import audit_figures
from ranker.app.report.page import audit_page

__all__ = ["audit_figures", "audit_page"]
