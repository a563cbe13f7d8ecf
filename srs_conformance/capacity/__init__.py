"""How many viewers one server carries: the search, what the server used meanwhile, and what limits it.

search      users to try next, from what held and what did not; pure
usage       processor time and memory of a container, from its control group
limits      which resource gave out; pure
trial       one crowd, judged, with what the server used
finding     the whole: trial after trial; the answer as text and as JSON
"""
