"""The service: HTTP around what is served, a log around every answer. Needs the extra ``api``."""
