"""Loads from within a cluster: Locust's master and workers as pods of a namespace of their own, and their result."""
