"""The stages in order: what each reads, writes and depends on; reruns only what is stale.

This package alone joins the rooms, and alone touches `store`.
"""

from opentekst.pipeline.engine import Engine, StageReport
from opentekst.pipeline.stages import STAGES

__all__ = ["STAGES", "Engine", "StageReport"]
