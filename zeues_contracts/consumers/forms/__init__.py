"""The short forms in which people write what is sent and expected, and the JSON Schema (2020-12) that each means."""

from zeues_contracts.consumers.forms.expecting import example_of, expand_expectation
from zeues_contracts.consumers.forms.sending import Sent, Surroundings, expand_sent
from zeues_contracts.consumers.forms.shortening import short_expectation, short_sent
from zeues_contracts.consumers.forms.words import FormError

__all__ = [
    "FormError",
    "Sent",
    "Surroundings",
    "example_of",
    "expand_expectation",
    "expand_sent",
    "short_expectation",
    "short_sent",
]
