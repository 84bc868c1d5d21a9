"""The HTTP API: parse, call, render. See ``docs/api.md``."""
