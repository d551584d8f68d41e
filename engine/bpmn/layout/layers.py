"""Orders the nodes of a scope in columns: each stands right of all that lead to it, loops left out.

Source: Sugiyama, Tagawa, Toda, "Methods for visual understanding of hierarchical system structures", 1981 (cycles, then layers).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Graph = Mapping[str, Sequence[str]]


def forward(nodes: Sequence[str], after: Graph) -> dict[str, list[str]]:
    """Give the edges without those that lead back, so that no loop is left."""
    entered = {target for node in nodes for target in after.get(node, ())}
    order = [node for node in nodes if node not in entered] + [node for node in nodes if node in entered]
    kept: dict[str, list[str]] = {node: [] for node in nodes}
    begun: set[str] = set()
    ended: set[str] = set()
    for start in order:
        if start in begun:
            continue
        begun.add(start)
        path = [(start, iter(after.get(start, ())))]
        while path:
            node, rest = path[-1]
            target = next(rest, None)
            if target is None:
                ended.add(node)
                path.pop()
            elif target not in begun:
                kept[node].append(target)
                begun.add(target)
                path.append((target, iter(after.get(target, ()))))
            elif target in ended:
                kept[node].append(target)
    return kept


def columns(nodes: Sequence[str], edges: Graph) -> dict[str, int]:
    """Give each node its column, from 0: one more than the furthest that leads to it. ``edges`` have no loop."""
    column = dict.fromkeys(nodes, 0)
    for node in _sorted(nodes, edges):
        for target in edges[node]:
            column[target] = max(column[target], column[node] + 1)
    return column


def heirs(nodes: Sequence[str], edges: Graph) -> dict[str, str]:
    """Give for each node the one that goes on in its row: that with the longest way still to go, the first of several."""
    ahead = dict.fromkeys(nodes, 0)
    heir: dict[str, str] = {}
    for node in reversed(_sorted(nodes, edges)):
        for target in edges[node]:
            if ahead[target] + 1 > ahead[node]:
                ahead[node], heir[node] = ahead[target] + 1, target
    return heir


def _sorted(nodes: Sequence[str], edges: Graph) -> list[str]:
    waiting = dict.fromkeys(nodes, 0)
    for node in nodes:
        for target in edges[node]:
            waiting[target] += 1
    order = [node for node in nodes if not waiting[node]]
    for node in order:
        for target in edges[node]:
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    return order
