"""Room 1, read: an export becomes answers and one response a unit."""

from opentekst.survey.survey import CleaningLog, Survey, read_survey

__all__ = ["CleaningLog", "Survey", "read_survey"]
