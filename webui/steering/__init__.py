"""Intervening in a case: pause it, cancel it, move its tokens, correct its data, pass what stopped, move it to another version."""
