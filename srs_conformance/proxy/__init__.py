"""A TCP proxy that disturbs the connections it passes: it delays, throttles, stalls, resets and truncates them.

Which connections it disturbs, and how, a plan says; what is left open there is drawn from a seed, so that the same seed
and the same connections give the same choices. It counts what it did, so that a disturbance can prove that it took
effect. Asyncio and the standard library only, as it runs in a container of its own.

plan        what is to be done to connections, and the draw for each of them
counters    what was done
pipe        one direction of one connection
relay       one port: connections taken, and sent on
control     the port that takes plans and tells the counters
"""
