"""Service levels as an operator writes them: `file` reads and checks the TOML, `hours` makes calendars of it."""

from stream_app.service_levels.file import Read, ServiceLevelsError, compiled, read

__all__ = ["Read", "ServiceLevelsError", "compiled", "read"]
