"""The words of the engine as types: states, values, ports, keys, exact JSON. Holds no rules beyond the tables of moves."""
