"""Where the next mailbox of a domain (or the next domain) goes: vpopmail's big-dir counter, step by step
(bigdir.c).

Every hundredth addition moves on to the next directory: "" → "0" … "z" → "0/0" … "z/z" → "0/0/0" ….
`level_index` runs one ahead after a level change, so the state is carried along exactly as vpopmail carries
it and is never computed from the directory's name.
"""

from dataclasses import astuple, dataclass, field, fields, replace

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PER_DIRECTORY = 100
LEVELS = 3
_EMPTY = ""


@dataclass(frozen=True, slots=True)
class Counter:
    """One row of `dir_control` without its name; the fields are the columns, in the order of the table."""

    cur_users: int = 0
    level_cur: int = 0
    level_max: int = LEVELS
    level_start0: int = 0
    level_start1: int = 0
    level_start2: int = 0
    level_end0: int = len(ALPHABET) - 1
    level_end1: int = len(ALPHABET) - 1
    level_end2: int = len(ALPHABET) - 1
    level_mod0: int = 0
    level_mod1: int = 2
    level_mod2: int = 4
    level_index0: int = 0
    level_index1: int = 0
    level_index2: int = 0
    the_dir: str = ""

    def added(self) -> "Counter":
        """The counter after one more addition; its `the_dir` is where the addition goes."""
        counted = replace(self, cur_users=self.cur_users + 1)
        if counted.cur_users % PER_DIRECTORY:
            return counted
        return _Walk.of(counted).advance()

    def filled(self) -> "Counter":
        """The counter after an addition that took a free slot: no move, and an empty counter stays empty
        (backfill.c)."""
        return replace(self, cur_users=self.cur_users + 1) if self.cur_users else self

    def returned(self, count: int = 1) -> "Counter":
        """The inverse of `removed`: the directory stays."""
        return replace(self, cur_users=self.cur_users + count)

    def removed(self, count: int = 1) -> "Counter":
        """The counter after deletions: never below zero, and the directory stays."""
        return replace(self, cur_users=max(0, self.cur_users - count))


COLUMNS = tuple(f.name for f in fields(Counter))


def from_row(row: tuple[object, ...] | None) -> Counter:
    """A counter from the values of COLUMNS; an absent row and NULLs are vpopmail's initial state."""
    if row is None:
        return Counter()
    known = {name: value for name, value in zip(COLUMNS, row, strict=True) if value is not None}
    return Counter(**{name: str(v) if name == "the_dir" else int(str(v)) for name, v in known.items()})  # type: ignore[arg-type]


def to_row(counter: Counter) -> tuple[object, ...]:
    return astuple(counter)


@dataclass(slots=True)
class _Walk:
    """The moving parts of a counter while it advances; `chars` is the directory's name, "" beyond its end."""

    counter: Counter
    level: int
    start: list[int]
    end: list[int]
    mod: list[int]
    index: list[int]
    chars: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, counter: Counter) -> "_Walk":
        def levels(name: str) -> list[int]:
            return [getattr(counter, f"{name}{level}") for level in range(LEVELS)]

        chars = list(counter.the_dir) + [_EMPTY] * (max(levels("level_mod")) + 1)
        return cls(
            counter,
            counter.level_cur,
            levels("level_start"),
            levels("level_end"),
            levels("level_mod"),
            levels("level_index"),
            chars,
        )

    def advance(self) -> Counter:
        if not self.counter.the_dir:
            return replace(self.counter, the_dir=ALPHABET[self.start[0]])
        if self._level_is_full():
            self._step(self.level)
            self.chars[self.chars.index(_EMPTY)] = "/"
            self.level += 1
        self._step(self.level)
        return self._result()

    def _level_is_full(self) -> bool:
        """Whether all directories down to this level are used up; the last level wraps instead."""
        if self.level >= LEVELS - 1:
            return False
        return all(self.index[level] == self.end[level] for level in range(self.level + 1))

    def _step(self, level: int) -> None:
        """Move one letter on; past the last one, begin again and move the level above (bigdir.c, inc_dir)."""
        place = self.mod[level]
        if self.chars[place] == ALPHABET[self.end[level]]:
            self.chars[place] = ALPHABET[self.start[level]]
            self.index[level] = self.start[level]
            if level > 0:
                self._step(level - 1)
            return
        self.chars[place] = self._next(self.chars[place], level)
        self.index[level] += 1

    def _next(self, char: str, level: int) -> str:
        place = ALPHABET.find(char, self.start[level], self.end[level] + 1) if char else -1
        return ALPHABET[self.start[level] if place < 0 or place >= self.end[level] else place + 1]

    def _result(self) -> Counter:
        return replace(
            self.counter,
            level_cur=self.level,
            level_index0=self.index[0],
            level_index1=self.index[1],
            level_index2=self.index[2],
            the_dir="".join(self.chars),
        )
