"""What the locustfiles share: options, users, gathering of what was measured, shapes, the page, and the first look.

Importing it connects it to Locust's events. A locustfile imports a user class from here, and that is all.
"""

from locust import User  # noqa: F401 - first of all: it makes sockets and threads cooperative

from loadtests.driver import connecting
from loadtests.driver.users import FlvUser, HlsUser, PublishUser, RtmpUser

__all__ = ["FlvUser", "HlsUser", "PublishUser", "RtmpUser"]

connecting.connect()
