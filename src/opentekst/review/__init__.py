"""Room 4, review: people code in Label Studio; many codings become one decision."""

from opentekst.review.client import LabelStudio
from opentekst.review.decisions import decide
from opentekst.review.reports import PullReport, PushReport
from opentekst.review.server import LocalServer
from opentekst.review.tasks import ReviewItem

__all__ = ["LabelStudio", "LocalServer", "PullReport", "PushReport", "ReviewItem", "decide"]
