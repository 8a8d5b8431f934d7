"""Simplification: rules for collections of assignments, and sequences of them."""

from ..assignment_collection import AssignmentCollection
from .simplifications import (
    add_subexpressions_for_constants,
    add_subexpressions_for_divisions,
    add_subexpressions_for_field_reads,
    add_subexpressions_for_sums,
    apply_on_all_subexpressions,
    apply_to_all_assignments,
    expand,
    subexpression_substitution_in_existing_subexpressions,
    subexpression_substitution_in_main_assignments,
    sympy_cse,
    sympy_cse_on_assignment_list,
)
from .simplificationstrategy import SimplificationStrategy, create_simplification_strategy
from .subexpression_insertion import (
    insert_aliases,
    insert_constant_additions,
    insert_constant_multiples,
    insert_constants,
    insert_squares,
    insert_symbol_times_minus_one,
    insert_zeros,
)

__all__ = [
    "AssignmentCollection",
    "SimplificationStrategy",
    "create_simplification_strategy",
    "sympy_cse",
    "sympy_cse_on_assignment_list",
    "expand",
    "apply_to_all_assignments",
    "apply_on_all_subexpressions",
    "subexpression_substitution_in_existing_subexpressions",
    "subexpression_substitution_in_main_assignments",
    "add_subexpressions_for_constants",
    "add_subexpressions_for_divisions",
    "add_subexpressions_for_field_reads",
    "add_subexpressions_for_sums",
    "insert_aliases",
    "insert_constants",
    "insert_constant_additions",
    "insert_constant_multiples",
    "insert_squares",
    "insert_symbol_times_minus_one",
    "insert_zeros",
]
