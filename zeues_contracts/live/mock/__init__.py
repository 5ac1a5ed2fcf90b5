"""A mock service made from a document: it judges requests as the service would and answers what the document promises.

``values`` makes values of schemas, ``refusals`` says why a request is refused, ``state`` remembers what was created,
``answering`` turns a request into an answer (pure but for the state), ``server`` puts it on loopback, ``rehearsal``
turns what was logged into findings, ``running`` runs the consumer's command against it.
"""
