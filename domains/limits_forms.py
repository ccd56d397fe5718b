"""The form of limits: of one domain, or of the defaults. What a person did not touch is not written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.limit_names import TITLES
from domains.limits_services import COUNTED, DENIALS
from domains.limits_words import (
    BITS,
    DEFAULT,
    MASKS,
    NONE,
    NUMBER,
    OFF,
    ON,
    SHOWN_COUNTS,
    SHOWN_SIZES,
    SHOWN_SWITCHES,
    SIZES,
    UNLIMITED,
    said,
    shown,
    switch_words,
)
from vpopmail import limits, quota

State = Mapping[str, int | None]  # by column; None: as by default
LONGEST_SEEN = 600


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page: its words, its fields, and what the domain uses of it."""

    column: str
    title: Any
    choice: forms.BoundField
    amount: forms.BoundField | None = None
    used: object = None


def written(state: State) -> str:
    """A state as a hidden field holds it."""
    return ",".join("" if state[column] is None else str(state[column]) for column in limits.COLUMNS)


class LimitsForm(forms.Form):
    """`state` is what stands now, `fallback` what holds where it says nothing. Masks have no choice "as by
    default": one that is not touched stays what it is.
    """

    seen = forms.CharField(max_length=LONGEST_SEEN, widget=forms.HiddenInput)

    def __init__(self, *args: Any, state: State, fallback: Mapping[str, int], unsaid: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.state, self.fallback = state, fallback
        present = limits.columns()
        self.amounts = [column for column in (*SHOWN_COUNTS, *SHOWN_SIZES) if column in present]
        self.switches = [column for column in SHOWN_SWITCHES if column in present]
        self.masks = [option for option in MASKS if DENIALS[option][0] in present]
        for column in (*self.amounts, *self.switches):
            default = (DEFAULT, unsaid % {"value": said(column, fallback[column])})
            self.fields[column] = forms.ChoiceField(
                label=str(TITLES[column]), choices=[default, *_choices(column)], required=False
            )
            self.fields[column].widget.attrs["class"] = "form-select"
        for column in self.amounts:
            self.fields[f"{column}_number"] = _amount_field(column)
        for option in self.masks:
            self.fields[_mask(option)] = forms.MultipleChoiceField(
                label=str(MASKS[option]),
                choices=[(letter, word) for letter, (_bit, word) in BITS.items()],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        self.initial = self._shown(state)

    def _shown(self, state: State) -> dict[str, Any]:
        """What the fields hold for a state."""
        found: dict[str, Any] = {"seen": written(state)}
        for column in (*self.amounts, *self.switches):
            found[column], text = shown(column, state[column])
            if column in self.amounts:
                found[f"{column}_number"] = text
        for option in self.masks:
            bits = self._bits(option, state)
            found[_mask(option)] = [letter for letter, (bit, _word) in BITS.items() if bits & bit]
        return found

    def _value(self, column: str, state: State) -> int:
        value = state[column]
        return self.fallback[column] if value is None else value

    def _bits(self, option: str, state: State) -> int:
        column, place = DENIALS[option]
        return self._value(column, state) >> place & 7

    def clean_seen(self) -> dict[str, int | None]:
        parts = self.cleaned_data["seen"].split(",")
        try:
            values = [int(part) if part else None for part in parts]
            return dict(zip(limits.COLUMNS, values, strict=True))
        except ValueError as error:
            raise ValidationError(_("This form is out of date. Open the page again.")) from error

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for column in self.amounts:
            if data.get(column) != NUMBER:
                self.errors.pop(f"{column}_number", None)  # typed before another choice was made
            elif f"{column}_number" not in self.errors and not data.get(f"{column}_number"):
                self.add_error(f"{column}_number", _("Type how many, or choose something else."))
        return data

    def _wanted(self, column: str) -> int | None:
        """The value chosen; None for as by default."""
        choice = self.cleaned_data.get(column)
        if choice == NUMBER:
            return int(self.cleaned_data[f"{column}_number"])
        fixed = {UNLIMITED: -1 if column in COUNTED else 0, NONE: 0, ON: 1, OFF: 0}
        return fixed.get(str(choice))

    def _is_touched(self, column: str) -> bool:
        """Whether the fields hold something else than for what the person saw; a field that was not sent is
        not touched."""
        if not self.cleaned_data.get(column):
            return False
        wanted = self._wanted(column)
        return shown(column, wanted) != shown(column, self.cleaned_data["seen"][column])

    @property
    def changes(self) -> dict[str, int | None]:
        """What was chosen anew, by column; None for as by default."""
        changed = {
            column: self._wanted(column)
            for column in (*self.amounts, *self.switches)
            if self._is_touched(column)
        }
        return changed | self._changed_masks()

    def _changed_masks(self) -> dict[str, int | None]:
        seen, changed = self.cleaned_data["seen"], dict[str, int | None]()
        for option in self.masks:
            bits = sum(BITS[letter][0] for letter in self.cleaned_data[_mask(option)])
            if bits != self._bits(option, seen):
                column, place = DENIALS[option]
                before = changed.get(column)
                value = self._value(column, seen) if before is None else before
                changed[column] = value & ~(7 << place) | bits << place
        return changed

    def renew(self, state: State) -> None:
        """After "changed meanwhile": what the person chose on top of what is there now."""
        names = {name for column in self.changes for name in self._names(column)}
        fresh = self._shown(state)
        data = QueryDict(mutable=True)
        for name in self.fields:
            given = self.data.getlist(name) if name in names else fresh[name]  # type: ignore[attr-defined]
            data.setlist(name, given if isinstance(given, list) else [given])
        self.state, self.data = state, data

    def _names(self, column: str) -> list[str]:
        """The fields that a column has."""
        masks = [_mask(option) for option in self.masks if DENIALS[option][0] == column]
        return masks or [column, f"{column}_number"]

    # --- for the page ---

    def rows(self, columns: tuple[str, ...], used: Mapping[str, object]) -> Iterator[Row]:
        for column in columns:
            if column in self.fields:
                amount = self[f"{column}_number"] if column in self.amounts else None
                yield Row(column, TITLES[column], self[column], amount, used.get(column))

    def mask_rows(self) -> Iterator[forms.BoundField]:
        for option in self.masks:
            yield self[_mask(option)]


def _mask(option: str) -> str:
    return f"deny_{option.strip('-')}"


def _choices(column: str) -> list[tuple[str, str]]:
    if column in limits.SWITCHES:
        off, on = switch_words(column)
        return [(OFF, off), (ON, on)]
    if column in COUNTED:
        return [(UNLIMITED, _("No limit")), (NONE, _("None allowed")), (NUMBER, _("At most …"))]
    return [(UNLIMITED, _("No limit")), (NUMBER, _("At most …"))]


def _amount_field(column: str) -> forms.Field:
    label = _("%(what)s: at most") % {"what": TITLES[column]}
    if column in SIZES:
        return SizeField(label=label, unit=SIZES[column])
    most = 2**31 - 1 if column in COUNTED else 2**63 - 1
    widget = forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "class": "form-control"})
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=most, widget=widget)


class SizeField(forms.CharField):
    """`2 GB`, in whole units of `unit` bytes."""

    def __init__(self, *, unit: int, **kwargs: Any) -> None:
        widget = forms.TextInput({"autocomplete": "off", "class": "form-control", "placeholder": "2 GB"})
        super().__init__(**{"required": False, "max_length": 40, "widget": widget, **kwargs})
        self.unit = unit

    def clean(self, value: Any) -> int:
        text = str(super().clean(value))
        if not text:
            return 0
        try:
            parsed = quota.parse_quota(text)
        except quota.BadQuota as error:
            raise ValidationError(str(error), code="invalid") from error
        size = quota.bytes_of(parsed)
        if quota.messages_of(parsed) or not size:
            raise ValidationError(
                gettext_lazy("A size only, such as 2 GB or 500 MB; messages are counted below."),
                code="invalid",
            )
        if size % self.unit:
            raise ValidationError(gettext_lazy("vpopmail counts whole megabytes here."), code="invalid")
        return size // self.unit
