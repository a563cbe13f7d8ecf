"""The pure part of the load tests: what was measured, what it is held against, and how it is told.

Nothing here opens a socket or knows the load engine: the viewers of a load hand in `Visit`s, workers hand in deltas,
and all else follows from them. All times are seconds as float unless a name says otherwise.
"""
