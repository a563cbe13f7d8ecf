"""Builds what kind needs where no registry answers: the tools kind, kubectl and runc, and the node image.

    ensure_tool("kind" | "kubectl" | "runc", progress) -> Path     one program, built from pinned Go modules
    ensure_node_image(progress) -> Path                            an archive for `docker load` or `podman load`
    node_image_archive() -> Path                                   where that is, or will be
    node_image_name() -> str                                       the name of the image in it
    cache_key() -> str                                             stands for all inputs of the node image

All of it is kept in the cache; docs/node-image.md tells what is in the image and how to move to other versions.
"""

from srs_conformance.clusters.kind.build.ensure import (
    cache_key,
    ensure_node_image,
    ensure_tool,
    node_image_archive,
    node_image_name,
)

__all__ = ["cache_key", "ensure_node_image", "ensure_tool", "node_image_archive", "node_image_name"]
