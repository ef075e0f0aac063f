"""The bridge of the second wave: answers of 2021 that the coders of 2026 coded again."""

from pathlib import Path


def bridge(before, study, answers, folder, paths):
    return {}
