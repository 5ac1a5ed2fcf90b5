def redact_url(url: str) -> str: return url
