"""Turn a syntax tree into closures over a running evaluation and the local names.

Every node becomes one Python function ``(run, locals) -> value``. Operators have fast paths for the common types; what they do not
take goes to the general functions of ``comparison`` and ``arithmetic``. The budget is charged in loops and calls only.
"""

from engine.feel.compiler import branches, functions, literals, names, operators, paths, tests
from engine.feel.compiler.scope import Scope, Unit

__all__ = ["Scope", "Unit", "branches", "functions", "literals", "names", "operators", "paths", "tests"]
