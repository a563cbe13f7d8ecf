"""Conformance and load tests for SRS live streaming on Kubernetes."""
