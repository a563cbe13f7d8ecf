"""Measurements, as ratios side by side in one run; `make bench` writes their tables. Nothing imports from here."""
