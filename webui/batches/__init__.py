"""One order over many cases: chosen by the filters of their list, tried first, then carried out in the background."""
