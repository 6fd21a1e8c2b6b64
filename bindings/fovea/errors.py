"""What fovea raises. Every one is a `fovea.Error`, most are a built-in exception as well."""

from __future__ import annotations


class Error(Exception):
    """Something that fovea could not do; the message says what was expected, what came, what to do.

    code: "invalid_argument", "not_found", "corruption", "io", "unsupported" or "incomplete".
    """

    code: str = "failure"

    def __str__(self) -> str:  # KeyError would put quotes around it
        return str(self.args[0]) if self.args else ""


class InvalidArgument(Error, ValueError):
    """What the caller passed cannot be used."""

    code = "invalid_argument"


class NotFound(Error, KeyError):
    """A file, page, scope or level that does not exist."""

    code = "not_found"


class Corruption(Error):
    """Stored data or a checkpoint is damaged or does not belong here."""

    code = "corruption"


class IOFailure(Error, OSError):
    """The system refused: permissions, a full disk, a locked store."""

    code = "io"


class Unsupported(Error):
    """A newer version, or a feature that this build, process or checkpoint lacks."""

    code = "unsupported"


class Incomplete(Error):
    """A bound was reached; what there is up to it was delivered."""

    code = "incomplete"
