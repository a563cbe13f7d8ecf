"""Locustfiles, one for each kind of load, and what they share (`driver`).

They may import `srs_conformance` and Locust; only here may Locust or gevent be imported, since importing Locust makes
blocking calls cooperative in the whole process.
"""
