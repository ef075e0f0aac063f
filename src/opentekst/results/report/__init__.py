"""The report of a study: one page to read in a browser, the same as Word, and its sources."""

from opentekst.results.report.data import Report
from opentekst.results.report.document import to_document
from opentekst.results.report.page import to_page
from opentekst.results.report.references import to_bibtex

__all__ = ["Report", "to_bibtex", "to_document", "to_page"]
