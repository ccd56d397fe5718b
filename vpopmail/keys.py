"""A text primary key ("name@domain") over two real columns, for lookups, forms and the Django admin.

Not a CompositePrimaryKey: MariaDB scans the whole table for `(a, b) = (x, y)` in UPDATE and DELETE, and the
admin refuses such models. Here a key always becomes `a = x AND b = y`, which uses the index.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import Field, Model
from django.db.models.expressions import ColPairs
from django.db.models.fields.tuple_lookups import TupleExact, TupleIn
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    _Field = Field[str, str]
else:
    _Field = Field


class PairAttribute:
    """Reads the key from the two columns and writes it into them."""

    def __init__(self, field: "PairKey") -> None:
        self.field = field

    def __get__(self, instance: Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        first, second = (getattr(instance, column.attname) for column in self.field.fields)
        return None if not first and not second else f"{first}@{second}"

    def __set__(self, instance: Model, value: Any) -> None:
        if value is not None:
            for column, part in zip(self.field.fields, self.field.split(value), strict=True):
                setattr(instance, column.attname, part)


class PairKey(_Field):
    """`PairKey("name", "domain")`, declared before the two columns. Knows `exact` and `in`, nothing else."""

    def __init__(self, *names: str, **options: Any) -> None:
        self.names = names
        super().__init__(**{**options, "primary_key": True, "editable": False, "blank": True})

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, _args, options = super().deconstruct()
        return name, path, self.names, options

    @property
    def fields(self) -> tuple[Any, ...]:
        return tuple(self.model._meta.get_field(name) for name in self.names)

    def split(self, value: Any) -> tuple[str, str]:
        """The two parts of a key; raises ValidationError when it has no "@". Domains hold none, names may."""
        if isinstance(value, tuple | list):
            first, second = value
            return first, second
        first, at, second = str(value).rpartition("@")
        if not at:
            raise ValidationError(_("That is not an address."))
        return first, second

    def to_python(self, value: Any) -> Any:
        return value if value is None else "@".join(self.split(value))

    def get_attname_column(self) -> Any:
        return self.get_attname(), None

    def contribute_to_class(self, cls: type[Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, PairAttribute(self))

    def get_col(self, alias: str, output_field: Any = None) -> Any:
        return ColPairs(alias, self.fields, self.fields, self)


class PairExact(TupleExact):
    def get_prep_lookup(self) -> Any:
        self.rhs = self.lhs.output_field.split(self.rhs)
        return super().get_prep_lookup()

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return self.get_fallback_sql(compiler, connection)


class PairIn(TupleIn):
    def get_prep_lookup(self) -> Any:
        if self.rhs_is_direct_value():
            self.rhs = [self.lhs.output_field.split(value) for value in self.rhs]
        return super().get_prep_lookup()

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return self.get_fallback_sql(compiler, connection)


PairKey.register_lookup(PairExact)
PairKey.register_lookup(PairIn)
