"""What the folders of pictures say: which are for training and testing, and of which kind each is.

Nothing is opened: paths are all there is.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from aeviz.data.limits import FEWEST_CLASSES, MOST_CLASSES
from aeviz.data.uploads.decoding import no_labels_from
from aeviz.text.names import file_name, plain_name

# Where labels come from, in a phrase.
WHERE = "folder names"
TRAIN, VALIDATION, TEST = "training", "validation", "test"
_PART_WORDS = {
    TRAIN: ("train", "training", "trn", "trainset", "trainingset"),
    VALIDATION: ("val", "valid", "validation", "valset", "validationset"),
    TEST: ("test", "testing", "tst", "testset", "testingset"),
}
_PARTS = {word: part for part, words in _PART_WORDS.items() for word in words}
_ORDER = {TRAIN: 0, VALIDATION: 1, TEST: 2}
# Names of folders between a kind and its pictures, which say nothing about what is on them.
_SAY_NOTHING = frozenset(
    "data dataset file files frames image images img imgs jpeg jpg mask masks original photo "
    "photos pic pics picture pictures png raw".split()
)
# So many of all pictures make a rule; the others are strays.
_MOST = 0.9
# Folders further up are not looked at.
_DEEPEST, _LONGEST_PATH = 6, 2_000
# So many names stand in a phrase.
_NAMED = 3

_Folders = tuple[str, ...]


@dataclass(frozen=True)
class Arrangement:
    """Where pictures go, by their paths.

    Attributes:
        order: positions of the pictures that are used: training, validation, test.
        kinds: the name of each one's kind, in that order, or None.
        n_validation: how many of them are for validation.
        n_test: how many, the last ones, are for testing.
        left_out: why others are not used, and how many.
        notes: phrases for people.
    """

    order: list[int]
    kinds: np.ndarray | None
    n_validation: int
    n_test: int
    left_out: Counter[str] = field(default_factory=Counter)
    notes: tuple[str, ...] = ()


def arrange(paths: Sequence[str]) -> Arrangement:
    """The parts and kinds that folders make of pictures; without folders, all as they come."""
    parts, folders, part_names = _split([_folders_of(path) for path in paths])
    kinds, notes = _kinds(parts, folders)
    known = any(kinds)
    used = [i for i, part in enumerate(parts) if part and (kinds[i] or not known)]
    used.sort(key=lambda i: _ORDER[parts[i] or TRAIN])
    counts = Counter(parts[i] for i in used)
    kept = [
        f"{counts[part]:,} in {part_names[part]} kept as {part} pictures"
        for part in (VALIDATION, TEST)
        if counts[part]
    ]
    return Arrangement(
        order=used,
        kinds=np.array([kinds[i] for i in used]) if known else None,
        n_validation=counts[VALIDATION],
        n_test=counts[TEST],
        left_out=_left_out(paths, parts, set(used)),
        notes=(*kept, *notes),
    )


def _left_out(paths: Sequence[str], parts: list[str | None], used: set[int]) -> Counter[str]:
    left_out: Counter[str] = Counter()
    strays = [i for i in range(len(paths)) if i not in used]
    for part in (VALIDATION, TEST):
        if part in parts and not any(parts[i] == part for i in used):
            strays = [i for i in strays if parts[i] != part]
            left_out[f"{part} pictures in no folder of a kind"] = parts.count(part)
    if strays:
        names = _listed(file_name(paths[i]) for i in strays)
        left_out[f"outside the folders of the others ({names})"] = len(strays)
    return left_out


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:_NAMED]) + (" and more" if len(names) > _NAMED else "")


def _folders_of(path: str) -> _Folders:
    return _plain_folders(path[-_LONGEST_PATH:].replace("\\", "/").rpartition("/")[0])


_plain = lru_cache(maxsize=10_000)(plain_name)


@lru_cache(maxsize=10_000)
def _plain_folders(path: str) -> _Folders:
    folders: list[str] = []
    for folder in path.rsplit("/", _DEEPEST)[-_DEEPEST:]:
        if folder == "..":
            del folders[-1:]
        elif folder != "." and (name := _plain(folder)):
            folders.append(name)
    return tuple(folders)


def _at(folders: _Folders, level: int) -> str | None:
    """The folder at a level, from the top or, negative, from the picture."""
    return folders[level] if -len(folders) <= level < len(folders) else None


# --- training, validation, test ------------------------------------------------------------------


def _split(folders: list[_Folders]) -> tuple[list[str | None], list[_Folders], dict[str, str]]:
    """The part of each picture, None for strays; its other folders; what parts are called."""
    level = _part_level(folders)
    if level is None:
        return [TRAIN] * len(folders), folders, {}
    names = [_at(one, level) or "" for one in folders]
    rest = [_without(one, level) if name else one for one, name in zip(folders, names, strict=True)]
    parts = [_part(name) for name in names]
    called = {part: name for name, part in zip(names, parts, strict=True) if part}
    # Other folders beside them belong to training if they hold the same kinds.
    kinds = _names_in(one for one, part in zip(rest, parts, strict=True) if part == TRAIN)
    parts = [
        part or (TRAIN if name and kinds & _names_in([one]) else None)
        for part, name, one in zip(parts, names, rest, strict=True)
    ]
    # Some sets have it twice: trainingSet/trainingSet/0/x.png.
    again, without, _ = _split(rest)
    return parts, without if again == parts else rest, called


def _names_in(folders: Iterable[_Folders]) -> set[str]:
    return {name for one in folders for name in one if not _part(name)}


def _without(folders: _Folders, level: int) -> _Folders:
    return folders[:level] + folders[level % len(folders) + 1 :]


@lru_cache(maxsize=10_000)
def _part(folder: str) -> str | None:
    # Such as train, Test1, seg_train, training_set, testSet.
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", folder)
    return next((_PARTS[word.lower()] for word in words if word.lower() in _PARTS), None)


def _part_level(folders: list[_Folders]) -> int | None:
    """The level whose folders are for training and for something else, None for none.

    Nearly all pictures are below such folders, or these have folders of the same name in them: a
    kind may itself be called "test".
    """
    counts = Counter(folders)
    if not any(_part(name) == TRAIN for one in counts for name in one):
        return None
    deepest, found = max(map(len, counts)), []
    for level in (*range(deepest), *range(-1, -deepest - 1, -1)):
        inside, covered = defaultdict(set), 0
        for one, count in counts.items():
            if part := _part(_at(one, level) or ""):
                covered += count
                inside[part] |= _names_in([_without(one, level)])
        if TRAIN in inside and len(inside) > 1:
            others = inside.get(VALIDATION, set()) | inside.get(TEST, set())
            if covered >= _MOST * len(folders) or others & inside[TRAIN]:
                found.append((-covered, len(found), level))
    return min(found)[2] if found else None


# --- kinds ---------------------------------------------------------------------------------------


def _kinds(
    parts: list[str | None], folders: list[_Folders]
) -> tuple[list[str | None], tuple[str, ...]]:
    """The name of each picture's kind or None, and phrases for people."""
    # Test pictures are often without kinds: the others' are judged without them.
    placed = [(one, part) for one, part in zip(folders, parts, strict=True) if part]
    bare = {VALIDATION, TEST} - {part for one, part in placed if one}
    judged = [one for one, part in placed if part not in bare]
    nobody: list[str | None] = [None] * len(folders)
    outside = sum(not one for one in judged)
    if outside == len(judged):
        return nobody, ()
    if outside > (1 - _MOST) * len(judged):
        return nobody, (f"no labels, since {outside:,} pictures are in no folder",)
    level = _kind_level(judged)
    names = {_at(one, level) for one in judged} - {None}
    if len(names) < FEWEST_CLASSES:
        return nobody, ()
    if len(names) > MOST_CLASSES:
        return nobody, (no_labels_from(WHERE, len(names)),)
    return [_at(one, level) for one in folders], _merged(judged, level)


def _kind_level(folders: list[_Folders]) -> int:
    """The level of folders that makes 2 to 10 kinds; the innermost where none does.

    Where all pictures are equally deep it is the innermost such, else the outermost, as Keras and
    torchvision have it. Names that say nothing, and numbered ones ("day 1"), come last.
    """
    counts = Counter(folders)
    depths = {len(one) for one in counts if one}
    deepest = max(depths)
    from_picture = range(-1, -deepest - 1, -1)
    levels = [*from_picture] if len(depths) == 1 else [*range(deepest), *from_picture]
    possible = []
    for level in levels:
        covered = sum(count for one, count in counts.items() if _at(one, level))
        names = {name for one in counts if (name := _at(one, level))}
        if FEWEST_CLASSES <= len(names) <= MOST_CLASSES and covered >= _MOST * len(folders):
            possible.append((_says_little(names), len(possible), level))
    return min(possible)[2] if possible else -1


def _says_little(names: set[str]) -> int:
    if all(name.lower() in _SAY_NOTHING for name in names):
        return 2
    stems = {re.sub(r"[\W\d_]+$", "", name.lower()) for name in names}
    return int(len(stems) == 1 and stems != {""})


def _merged(folders: list[_Folders], level: int) -> tuple[str, ...]:
    """A phrase about folders of one name in several places, which make one kind."""
    above = defaultdict(set)
    for one in folders:
        if name := _at(one, level):
            above[name].add(one[: level % len(one)])
    several = [
        f"{name} (in {_listed(sorted(place[-1] for place in places if place))})"
        for name, places in sorted(above.items())
        if len({place for place in places if place}) > 1
    ]
    return (f"folders of the same name taken for one kind: {_listed(several)}",) if several else ()
