"""Contract testing and schema-drift checking for HTTP services that publish OpenAPI."""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["__version__"]
