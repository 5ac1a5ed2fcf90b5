"""The operations of the service, one module per part of its document."""

from __future__ import annotations

from zeues_contracts.standin.routes import actions, health, occupation, spools, stream

__all__ = ["ROUTERS"]

# In the order of the document.
ROUTERS = (health.router, spools.router, actions.router, occupation.router, stream.router, occupation.metrologia)
