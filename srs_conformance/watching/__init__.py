"""One stream watched for a person: how it stands, what its protocol's rules say of it, and why nothing came.

`tally` and `rows` turn frames into figures and figures into text; `diagnosis`, `judging` and `conclusion` say at the
end what came of it, `telling` and `document` write that down. All of these are pure: only `session` watches, only
`screen` writes to a terminal. `sending` tells in the same way of a stream that is published.
"""
