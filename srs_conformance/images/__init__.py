"""Container images: written, read, built and chosen."""
