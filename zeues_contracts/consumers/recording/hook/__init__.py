"""The part of recording that runs inside of the consumer's own processes.

It is loaded by path into interpreters that may know nothing of this package: it needs nothing but the standard library,
imports its own modules relatively, patches a library when that is imported, never prints and never raises into the code
that it watches. What it saw is redacted before it is written.
"""
