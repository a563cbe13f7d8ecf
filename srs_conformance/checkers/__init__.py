"""Checkers: pure judgements over timelines, pulls and samples; each gives an `Observation`."""
