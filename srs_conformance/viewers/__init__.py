"""Viewers: clients that play one stream over one protocol as a real player does, and what they saw."""
