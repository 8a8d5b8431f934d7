"""Fields and accesses: what descriptions mean, and that accesses are symbols to SymPy."""

import copy
import pickle

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils import Field, fields
from cppstencils.errors import FieldError, TypeMismatch

f, g, v, m = fields("f, g, v(3), m(2, 2): double[2D]")

GOOD = {
    "f": ["f: [2D]"],
    "f, g": ["f: [2D]", "g: [2D]"],
    "f,g(3) , h(2,2): float32[2D]": ["f: float32[2D]", "g(3): float32[2D]", "h(2, 2): float32[2D]"],
    "f: [3d]": ["f: [3D]"],
    "f: [1D]": ["f: [1D]"],
    "f: [4D]": ["f: [4D]"],
    " f : [ 2D ] ": ["f: [2D]"],
    "f\n:\n[2D]": ["f: [2D]"],
    "f: [20,30]": ["f: [20,30]"],
    "f: double[20, 30]": ["f: float64[20,30]"],
    "f(9): double[20]": ["f(9): float64[20]"],
    "f: int[2D]": ["f: int64[2D]"],
    "f: DOUBLE[2D]": ["f: float64[2D]"],
    "f: float[2D]": ["f: float32[2D]"],
    "f: uint8_t[2D]": ["f: uint8[2D]"],
    "f: bool[2D]": ["f: bool[2D]"],
    "f: dyn[2D]": ["f: [2D]"],
    "f(19,): [3D]": ["f(19): [3D]"],
    "_f1, F_2: [2D]": ["_f1: [2D]", "F_2: [2D]"],
}


@pytest.mark.parametrize("description", GOOD)
def test_description(description):
    result = fields(description)
    result = result if isinstance(result, list) else [result]
    assert [repr(field) for field in result] == GOOD[description]


def test_one_field_is_itself_and_several_are_a_list():
    assert isinstance(fields("f: [2D]"), Field) and isinstance(fields("f, g: [2D]"), list)


def test_dynamic_types():
    assert fields("f").dtype is ps.DynamicType.NUMERIC_TYPE
    assert fields("f: dynidx[2D]").dtype is ps.DynamicType.INDEX_TYPE


BAD = """f:|f: [|f: double|f: [0D]|f: [5D]|f: [D]|f: []|f: [2]D|f: [2D]x|f f: [2D]|1f: [2D]|f(: [2D]|f(a): [2D]
f(): [2D]|f(0): [2D]|f(-1): [2D]|f: [,20]|f: [20,,30]|f: [1,2,3,4,5]|f: [0,3]|f: [-3,3]|f: [2.5]|f, f: [2D]
f-g: [2D]|f: [2D], g: [2D]|f(3)(2): [2D]|f;g: [2D]|f(,): [2D]|f(3 3): [2D]|f: [2 0,3]|f: [2D] [2D]|f: x y[2D]
, f: [2D]|f,: [2D]|α: [2D]|fα: [2D]"""


@pytest.mark.parametrize("description", ["", *BAD.replace("\n", "|").split("|")])
def test_bad_description(description):
    with pytest.raises(FieldError) as caught:
        fields(description)
    assert isinstance(caught.value, ValueError) and caught.value.hints


@pytest.mark.parametrize(
    "name", ["long", "complex", "complex128", "float16", "half", "int128", "str", "object", "const"]
)
def test_unknown_type_in_description(name):
    with pytest.raises(TypeMismatch, match=f"no element type '{name}'"):
        fields(f"f: {name}[2D]")


@pytest.mark.parametrize("description", [3, b"f: [2D]", ["f"], f])
def test_description_that_is_no_text(description):
    with pytest.raises(FieldError):
        fields(description)


def test_fields_like_arrays():
    a, b = fields(a=np.zeros((4, 5), np.float32, order="F"), b=np.zeros(3, int))
    assert repr(a) == "a: float32[4,5]" and a.layout == (1, 0)
    assert repr(b) == "b: int64[3]"
    w = fields("w(5): float[4]", w=np.zeros((4, 5), np.float32))
    assert w.index_shape == (5,) and w.fixed_shape == (4,)
    assert fields("w", w=np.zeros((4, 5))).fixed_shape == (4, 5)
    assert Field.create_from_numpy_array("a", np.zeros((4, 5))[::-1]).layout == (0, 1)
    assert Field.create_from_numpy_array("a", np.zeros((2, 4, 5)).transpose(1, 2, 0), 1).layout == (2, 0, 1)


def test_fields_like_arrays_that_are_not():
    array = np.zeros((4, 5), np.float32)
    for description in ("w(3)", "w: double[2D]", "w: [1D]", "w: [5,4]", "w(5): [2D]"):
        with pytest.raises(FieldError, match=r"has shape \(4, 5\) and dtype float32"):
            fields(description, w=array)
    with pytest.raises(FieldError, match="does not name the field 'u'"):
        fields("w: [2D]", u=array)
    with pytest.raises(FieldError, match="type 'list'"):
        fields(w=[[1.0, 2.0]])
    with pytest.raises(FieldError):
        fields()
    for unknown in (array.astype(np.float16), array.astype(complex), array.astype(">f8")):
        with pytest.raises(TypeMismatch):
            fields(w=unknown)
    for rank in (0, 5):
        with pytest.raises(FieldError, match=f"{rank} spatial dimensions"):
            fields(w=np.zeros((1,) * rank))


def test_constructors():
    assert Field.create_generic("f", 2, index_shape=3) == Field("f", 2, ps.DynamicType.NUMERIC_TYPE, (3,))
    assert Field.create_generic("f", 2, "float32", index_dimensions=1, index_shape=(3,)).dtype.name == "float32"
    fixed = Field.create_fixed_size("f", (20, 30, 9), index_dimensions=1)
    assert (fixed.fixed_shape, fixed.index_shape, fixed.dtype.name) == ((20, 30), (9,), "float64")
    assert fixed.has_fixed_shape and fixed.ndim == 3 and fixed.values_per_cell == 9 and fixed.index_dimensions == 1
    assert f.new_field_with_different_name("q") == fields("q: double[2D]")


LAYOUTS = {
    ("numpy", 3): (0, 1, 2, 3),
    ("c", 2): (0, 1, 2),
    ("f", 2): (2, 1, 0),
    ("reverse_numpy", 2): (2, 1, 0),
    ("fzyx", 3): (3, 2, 1, 0),
    ("soa", 2): (2, 1, 0),
    ("zyxf", 3): (2, 1, 0, 3),
    ("aos", 2): (1, 0, 2),
    ("AoS", 2): (1, 0, 2),
    ((1, 0), 2): (1, 0, 2),
    ((2, 0, 1), 2): (2, 0, 1),
}


@pytest.mark.parametrize("layout, rank", LAYOUTS)
def test_layouts(layout, rank):
    assert Field.create_generic("f", rank, layout=layout, index_shape=(3,)).layout == LAYOUTS[layout, rank]


BAD_FIELDS = {
    "no rank": lambda: Field("f", 0, "double"),
    "rank 5": lambda: Field("f", 5, "double"),
    "rank 2.7": lambda: Field("f", 2.7, "double"),
    "rank as text": lambda: Field("f", "2D", "double"),
    "rank True": lambda: Field("f", True, "double"),
    "no name": lambda: Field("", 2, "double"),
    "name with a space": lambda: Field("x y", 2, "double"),
    "name that is a number": lambda: Field(3, 2, "double"),
    "index extent 0": lambda: Field("f", 2, "double", (0,)),
    "index extent -1": lambda: Field("f", 2, "double", (-1,)),
    "index extent 2.5": lambda: Field("f", 2, "double", (2.5,)),
    "index shape as number": lambda: Field("f", 2, "double", 3),
    "index shape as text": lambda: Field("f", 2, "double", "33"),
    "unknown extents": lambda: Field.create_generic("f", 2, index_dimensions=1),
    "contradicting extents": lambda: Field.create_generic("f", 2, index_dimensions=2, index_shape=(3,)),
    "shape of floats": lambda: Field.create_fixed_size("f", (3.7, 4)),
    "shape of index dimensions only": lambda: Field.create_fixed_size("f", (3, 4), 2),
    "more index dimensions than dimensions": lambda: Field.create_fixed_size("f", (3, 4), 3),
    "shape of another rank": lambda: Field("f", 2, "double", fixed_shape=(3, 4, 5)),
    "unknown layout": lambda: Field.create_generic("f", 2, layout="weird"),
    "no layout": lambda: Field.create_generic("f", 2, layout=None),
    "layout that repeats": lambda: Field.create_generic("f", 2, layout=(0, 0)),
    "layout of another rank": lambda: Field.create_generic("f", 2, layout=(0, 1, 2)),
    "layout of floats": lambda: Field.create_generic("f", 2, layout=(0.0, 1.0)),
}


@pytest.mark.parametrize("name", BAD_FIELDS)
def test_fields_that_cannot_be(name):
    with pytest.raises(FieldError) as caught:
        BAD_FIELDS[name]()
    assert "'" in caught.value.message or caught.value.hints


def test_fields_do_not_change():
    field = fields("f: double[2D]")
    for name, value in (("name", "x"), ("dtype", "float32"), ("index_shape", (3,)), ("layout", (1, 0))):
        with pytest.raises(AttributeError, match=name):
            setattr(field, name, value)
    field.latex_name = r"\phi"
    assert sp.latex(field[1, 0]) == r"{\phi}_{(E)}"
    assert field == f and field[1, 0] == f[1, 0]


# -- accesses ----------------------------------------------------------------------------------------------------------

f1, f3, f4 = fields("f: double[1D]"), fields("f: double[3D]"), fields("f: double[4D]")

ACCESSES = {
    "f[1, -2]": lambda: f[1, -2],
    "f['2SE']": lambda: fields("f: double[2D]")["2SE"],
    "f[[1, -2]]": lambda: f[[1, -2]],
    "f[(1, -2)]": lambda: f[(1, -2)],
    "f[array]": lambda: f[np.array([1, -2])],
    "f[integers of SymPy]": lambda: f[sp.Integer(1), sp.Integer(-2)],
    "f[integers of NumPy]": lambda: f[np.int8(1), np.int64(-2)],
    "shifted": lambda: f[0, -3].get_shifted(1, 1),
    "shifted with []": lambda: f[0, -3][1, 1],
    "neighbor": lambda: f[1, -1].neighbor(1, -1),
    "f(0)": lambda: f[1, -2](0),
    "f()": lambda: f[1, -2](),
}


@pytest.mark.parametrize("name", ACCESSES)
def test_ways_to_one_element(name):
    access = ACCESSES[name]()
    assert access == f[1, -2] and hash(access) == hash(f[1, -2]) and access - f[1, -2] == 0
    assert access.field == f and access.offsets == (1, -2) and access.index == ()
    assert all(type(offset) is int for offset in access.offsets)


def test_facts_of_accesses():
    access = v[2, -1](1)
    assert (access.offsets, access.index, access.dtype.name) == ((2, -1), (1,), "float64")
    assert access.required_ghost_layers == 2 and access.offset_name == "S2E"
    assert access.at_index(2) == v[2, -1](2)
    assert f.center == f[0, 0] == f(0) == f["C"] and v.center(2) == v(2)
    assert f.neighbor(0, -1) == f["W"] and f.neighbors([(1, 0), (0, 1)]) == [f["E"], f["N"]]
    assert f1[1] == f1["E"] and f3["TSW"] == f3[-1, -1, 1] and f4["E"] == f4[1, 0, 0, 0]
    assert f.center_vector == sp.Matrix([f.center])
    assert v.center_vector == sp.Matrix([v(0), v(1), v(2)])
    assert m.neighbor_vector((0, 1)) == sp.Matrix([[m[0, 1](0, 0), m[0, 1](0, 1)], [m[0, 1](1, 0), m[0, 1](1, 1)]])


BAD_ACCESSES = {
    "f[1]": lambda: f[1],
    "f[1, 2, 3]": lambda: f[1, 2, 3],
    "f[0.5, 0]": lambda: f[0.5, 0],
    "f[1.0, 0]": lambda: f[1.0, 0],
    "f[True, 0]": lambda: f[True, 0],
    "f[None, 0]": lambda: f[None, 0],
    "f[:, 0]": lambda: f[:, 0],
    "f[x, 0]": lambda: f[sp.Symbol("x"), 0],
    "f[1/2, 0]": lambda: f[sp.Rational(1, 2), 0],
    "f[10**30, 0]": lambda: f[10**30, 0],
    "f[2**63, 0]": lambda: f[0, -(2**63)],
    "f['']": lambda: f[""],
    "f['X']": lambda: f["X"],
    "f['T'] in 2D": lambda: f["T"],
    "f(1)": lambda: f(1),
    "f(0, 0)": lambda: f(0, 0),
    "v(3)": lambda: v(3),
    "v(-1)": lambda: v(-1),
    "v(0, 0)": lambda: v(0, 0),
    "v(1.0)": lambda: v(1.0),
    "v('x')": lambda: v("x"),
    "v(i)": lambda: v(sp.Symbol("i", integer=True)),
    "v(1)(1)": lambda: v(1)(1),
    "m(1)": lambda: m(1),
    "m(2, 0)": lambda: m(2, 0),
    "shifted too far in rank": lambda: f[0, 0].get_shifted(1),
    "shifted by half": lambda: f[0, 0].get_shifted(0.5, 0),
    "neighbor in dimension 2": lambda: f.neighbor(2, 1),
    "neighbor in dimension -1": lambda: f.neighbor(-1, 1),
    "neighbor by half": lambda: f.neighbor(0, 0.5),
    "at_index": lambda: f[0, 0].at_index(0),
    "vector of rank 3": lambda: fields("t(2,2,2): [2D]").center_vector,
}


@pytest.mark.parametrize("name", BAD_ACCESSES)
def test_accesses_that_cannot_be(name):
    with pytest.raises(FieldError) as caught:
        BAD_ACCESSES[name]()
    assert "'" in caught.value.message and caught.value.hints


def test_fields_and_accesses_are_no_sequences():
    for thing in (f, f[0, 0]):
        with pytest.raises(TypeError):
            iter(thing)
    assert sp.Matrix([f[0, 0], g[0, 0]]).shape == (2, 1)


# -- as symbols --------------------------------------------------------------------------------------------------------

x = sp.Symbol("x")


def test_equality_sees_field_offset_index_and_type():
    others = [f[1, 1], g[1, 0], f3[1, 0, 0], f1[1], fields("f: float32[2D]")[1, 0], fields("f: double[9,9]")[1, 0]]
    others += [fields("f: double[2D]", layout="f")[1, 0], sp.Symbol("f_E"), sp.Symbol("f_E", real=True)]
    assert f[1, 0] not in others and len({f[1, 0], *others}) == len(others) + 1
    assert v(1) != v(2) and v(1) != v.center
    assert f != "f" and f != fields("f: float32[2D]") and len({f, fields("f: double[2D]"), g}) == 2


def test_assumptions_follow_the_type():
    assert f[0, 0].is_real and f[0, 0].is_integer is None
    assert fields("n: int32[2D]").center.is_integer and fields("n: uint8[2D]").center.is_nonnegative
    assert fields("n: bool[2D]").center.is_real is None
    assert sp.sqrt(f[0, 0] ** 2) == sp.Abs(f[0, 0])
    assert ps.TypedSymbol("n", "int64").is_integer and ps.TypedSymbol("n", "int64") != sp.Symbol("n", integer=True)


def test_algebra():
    expr = 3 * f[1, 0] ** 2 + sp.sin(f[1, 0]) * g[0, 0]
    assert expr.diff(f[1, 0]) == 6 * f[1, 0] + sp.cos(f[1, 0]) * g[0, 0]
    assert expr.diff(f[0, 0]) == 0
    assert expr.subs(f[1, 0], 0) == 0 and expr.subs({f[1, 0]: x, g[0, 0]: 2}) == 3 * x**2 + 2 * sp.sin(x)
    assert expr.xreplace({f[1, 0]: f[0, 1]}).atoms(Field.Access) == {f[0, 1], g[0, 0]}
    assert expr.free_symbols == {f[1, 0], g[0, 0]} and expr.has(g[0, 0]) and not expr.has(f[0, 0])
    assert sp.expand((f[1, 0] + v(1)) ** 2).coeff(v(1), 1) == 2 * f[1, 0]
    assert sp.solve(f[1, 0] * 2 - v(0), f[1, 0]) == [v(0) / 2]
    assert sp.simplify(sp.sin(f[1, 0]) ** 2 + sp.cos(f[1, 0]) ** 2) == 1
    assert sp.lambdify((f[1, 0], g[0, 0]), expr)(0.0, 5.0) == 0.0


def test_order_is_that_of_the_names():
    accesses = [v(i) for i in range(3)] + [f[1, 0], f[-1, 0], g[0, 0]]
    ordered = sorted(accesses, key=sp.default_sort_key)
    assert sorted(reversed(accesses), key=sp.default_sort_key) == ordered
    assert sum(accesses).args == sum(reversed(accesses)).args


def test_common_subexpressions():
    expr = sp.sin(f[1, 0] + v(1))
    subexpressions, (first, second) = sp.cse([expr + 1, expr * 2])
    assert len(subexpressions) == 1 and subexpressions[0][1] == expr and first.is_Add and second.is_Mul


def test_text():
    assert str(v[1, -1](2) + f[0, 0]) == "f[0,0] + v[1,-1](2)"
    assert sp.latex(v[1, -1](2)) == r"{v}_{(SE)}^{2}"
    assert sp.latex(f4[0, 1, 0, -1]) and str(m(0, 1)) == "m[0,0](0,1)"
    assert v[1, 0](2).name == "v_E^2" and "f" in f._repr_latex_()


COPIES = {
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
    "old pickle": lambda thing: pickle.loads(pickle.dumps(thing, protocol=2)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("way", COPIES)
def test_copies_are_equal(way):
    for thing in (f, v, f3, fields("w(2): float32[3,4]", layout="soa"), f[1, 0], v[1, -1](2), fields("d")[0, 0]):
        again = COPIES[way](thing)
        assert again == thing and hash(again) == hash(thing) and repr(again) == repr(thing)
    expr = f[1, 0] * v(2) + x
    assert COPIES[way](expr) == expr and COPIES[way](expr).atoms(Field.Access) == {f[1, 0], v(2)}


def test_accesses_are_kept_once_per_field():
    assert f[1, 0] is f[1, 0] and v[1, 0](2) is v[1, 0](2)
