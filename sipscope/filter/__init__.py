"""The filter language: an expression over the fields of a thing, such as `outcome==rejected and setup_ms>2000`.

It knows no SIP: whoever filters says which fields there are, and gives their values. Nothing is ever evaluated as
Python, and no text can make it run long.
"""

from sipscope.filter.expressions import Expression
from sipscope.filter.fields import Field, Kind, Value, Values
from sipscope.filter.parser import parse

__all__ = ["Expression", "Field", "Kind", "Value", "Values", "parse"]
