"""Recording: what a consumer really sends and reads, written down as its contract."""
