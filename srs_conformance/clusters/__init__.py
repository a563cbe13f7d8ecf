"""Cluster backends behind one protocol (`base`); imported by fixtures and commands."""
