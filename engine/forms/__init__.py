"""Forms as form-js writes them: what they ask and whether an answer is allowed. How they look is left to the browser."""

from engine.forms.field import Field
from engine.forms.form import Form, read

__all__ = ["Field", "Form", "read"]
