"""The `dataclass` of values: frozen for whoever checks types, and cheap to declare and to make while running.

`dataclasses.dataclass(frozen=True)` sets each field of a new object by a call of `object.__setattr__`. A large capture
makes millions of objects, and that was a fifth of a run. So whether something changes a value is proved before the
program runs: mypy takes this decorator for the one of `dataclasses` and refuses the assignment; tests run with the
classes truly frozen, see `ENFORCED`. A value can be a key, as a frozen one can.

`dataclasses` also compiles four methods for each class, and that was a fifth of the start of the program. A short run
makes objects of few classes and compares those of fewer, so here a method is compiled when it is called for the first
time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass, replace
else:
    import dataclasses
    import reprlib
    from types import MappingProxyType

ENFORCED = False
"""Whether a change of a frozen value raises while the program runs. Who wants it, as the tests do, sets it before any
class is made."""

if not TYPE_CHECKING:

    def dataclass(*, frozen=False, **options):
        """As `dataclasses.dataclass`; what is `frozen` has a hash made of its fields, and refuses changes if ENFORCED.

        Fields that follow from others are declared with `init=False`. A method `__derived__` returns their values in
        the order of the fields, and is called once the others are set.

        Args:
            frozen: Whether nothing changes its objects.
            options: Whatever else `dataclasses.dataclass` takes.
        """

        def made(cls):
            if hasattr(cls, "__derived__") and (ENFORCED or not options.keys() <= _WITHOUT_METHODS):
                cls.__post_init__ = _store_derived
            if ENFORCED:
                return dataclasses.dataclass(frozen=frozen, **options)(cls)
            hashed = frozen and options.get("eq", True) and "__hash__" not in cls.__dict__
            if options.keys() <= _WITHOUT_METHODS:
                declared = _declared(cls, options, hashed=hashed)
            else:
                declared = dataclasses.dataclass(unsafe_hash=hashed, **options)(cls)
            if frozen and options.get("slots", False):
                declared.__getstate__, declared.__setstate__ = _state, _take_state
            return declared

        return made

    _WITHOUT_METHODS = {"slots", "kw_only"}
    """Options that leave open which methods a class gets; with any other, all are made at once."""

    def _declared(cls, options, *, hashed):
        """The class with its fields, and with methods that make themselves when they are called."""
        own = cls.__dict__
        lazy = [name for name in ("__init__", "__repr__", "__eq__") if name not in own]
        lazy += ["__hash__"] if hashed else []
        unhashable = not hashed and "__eq__" in lazy and "__hash__" not in own
        # Without a docstring, dataclasses would inspect the signature to write one.
        cls.__doc__ = cls.__doc__ or cls.__name__
        declared = dataclasses.dataclass(init=False, repr=False, eq=False, **options)(cls)
        for name in lazy:
            setattr(declared, name, _first_call(declared, name))
        if unhashable:
            declared.__hash__ = None
        return declared

    def _state(self):
        """What is sent to another process, in the form of a frozen one: values are enforced there or they are not."""
        return [getattr(self, field.name) for field in dataclasses.fields(self)]

    def _take_state(self, state):
        for field, value in zip(dataclasses.fields(self), state, strict=True):
            setattr(self, field.name, value)

    def _first_call(cls, name):
        """A method that puts the compiled one in its place, and answers with that."""

        def method(*arguments, **named):
            compiled = _MAKERS[name](cls, dataclasses.fields(cls))
            compiled.__qualname__ = f"{cls.__qualname__}.{name}"
            setattr(cls, name, compiled)
            return compiled(*arguments, **named)

        return method

    def _init(cls, fields):
        """`__init__`: a parameter for each field, those by keyword last, and `__post_init__` at the end."""
        known, parameters, keywords, lines = {"MISSING": dataclasses.MISSING}, ["self"], [], []
        for field in fields:
            name, default, value = field.name, "", field.name
            if field.default is not dataclasses.MISSING:
                known[f"_default_{name}"] = field.default
                default = f"_default_{name}"
            elif field.default_factory is not dataclasses.MISSING:
                known[f"_new_{name}"] = field.default_factory
                default, value = "MISSING", f"_new_{name}() if {name} is MISSING else {name}"
            if field.init:
                (keywords if field.kw_only else parameters).append(f"{name}={default}" if default else name)
                lines.append(f"self.{name} = {value}")
            elif default:
                lines.append(f"self.{name} = {f'_new_{name}()' if default == 'MISSING' else default}")
        if hasattr(cls, "__derived__"):
            lines.append(
                f"{', '.join(f'self.{field.name}' for field in fields if not field.init)}, = self.__derived__()"
            )
        if hasattr(cls, "__post_init__"):
            lines.append("self.__post_init__()")
        return _compiled("__init__", [*parameters, *(["*", *keywords] if keywords else [])], lines or ["pass"], known)

    def _store_derived(value):
        """What `__init__` does with derived fields, for a class whose own refuses or doesn't know it."""
        names = [field.name for field in dataclasses.fields(value) if not field.init]
        for name, derived in zip(names, value.__derived__(), strict=True):
            object.__setattr__(value, name, derived)

    def _eq(_cls, fields):
        """`__eq__`: the same class, and what is compared is equal."""
        mine, others = (_tuple(owner, [field for field in fields if field.compare]) for owner in ("self", "other"))
        lines = [f"if other.__class__ is self.__class__: return {mine} == {others}", "return NotImplemented"]
        return _compiled("__eq__", ["self", "other"], lines)

    def _hash(_cls, fields):
        """`__hash__` of what is compared."""
        hashed = [field for field in fields if (field.compare if field.hash is None else field.hash)]
        return _compiled("__hash__", ["self"], [f"return hash({_tuple('self', hashed)})"])

    def _repr(_cls, fields):
        """`__repr__`: the class with its fields, as one would write it."""
        shown = ", ".join(f"{field.name}={{self.{field.name}!r}}" for field in fields if field.repr)
        lines = [f'return f"{{self.__class__.__qualname__}}({shown})"']
        return reprlib.recursive_repr()(_compiled("__repr__", ["self"], lines))

    _MAKERS = {"__init__": _init, "__eq__": _eq, "__hash__": _hash, "__repr__": _repr}

    def replace(value, /, **changes):
        """As `dataclasses.replace`, which looks at every field anew each time: the value with other fields."""
        make = _REPLACERS.get(value.__class__)
        if make is None:
            make = _REPLACERS[value.__class__] = _replacer(value.__class__)
        return make(value, **changes)

    _REPLACERS = {}

    def _replacer(cls):
        """What makes a value of a class anew: a keyword for each field, which stays as it is where none is given."""
        names = [field.name for field in dataclasses.fields(cls) if field.init]
        taken = ", ".join(f"{name}=_value.{name} if {name} is _MISSING else {name}" for name in names)
        parameters = ["_value", "/", *(["*"] if names else []), *(f"{name}=_MISSING" for name in names)]
        known = {"_MISSING": dataclasses.MISSING, "_class": cls}
        return _compiled("replace", parameters, [f"return _class({taken})"], known)

    def _tuple(owner, fields):
        return f"({''.join(f'{owner}.{field.name},' for field in fields)})"

    def _compiled(name, parameters, lines, known=MappingProxyType({})):
        """A function of these lines, to which what is `known` is known."""
        body = "".join(f"\n  {line}" for line in lines)
        source = f"def make({', '.join(known)}):\n def {name}({', '.join(parameters)}):{body}\n return {name}"
        namespace = {}
        exec(source, {}, namespace)  # noqa: S102 -- as dataclasses does; the names are those of the class
        return namespace["make"](**known)


__all__ = ["ENFORCED", "dataclass", "replace"]
