"""Turns one ``Progress`` into rows: what it closed, what it opened, its snapshot, its history, its counts. One statement per table.

(1) Cancel and let go of what was closed. (2) Resolve incidents. (3) Offer what was opened. (4) Look for messages that waited for
what was opened. (5) Store the snapshot. (6) Write history. (7) Count. (8) Save the instance under its version guard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from engine.bpmn import snapshot
from engine.bpmn.definition import Definition
from engine.bpmn.progress import (
    Close,
    Ended,
    Opened,
    OpenJob,
    OpenSubscription,
    OpenTask,
    OpenTimer,
    Outcome,
    Progress,
    RaiseIncident,
    ResolveIncident,
    SendEscalation,
    SendMessage,
    SendSignal,
    StartChild,
)
from engine.bpmn.run import local
from engine.bpmn.state import ElementInstance
from engine.errors import LimitExceeded
from engine.model.states import InstanceState, SubscriptionKind, TaskState
from engine.model.values import Actor
from engine.services import about
from engine.services.buffered import start_waiting, take_waiting
from engine.services.engine import Engine
from engine.services.four_eyes import earlier
from engine.services.offers import places
from engine.store import (
    candidates,
    counters,
    four_eyes,
    history,
    incidents,
    instances,
    jobs,
    snapshots,
    subscriptions,
    tasks,
)
from engine.store.counters import Count
from engine.store.database import UnitOfWork
from engine.store.history import Entry
from engine.store.instances import Instance, Locked
from engine.store.jobs import JobKind

ENDS = {
    Outcome.COMPLETED: InstanceState.COMPLETED,
    Outcome.CANCELED: InstanceState.CANCELED,
    Outcome.ERROR: InstanceState.CANCELED,
}
COUNTED = {"element_completed": Count.COMPLETED, "element_terminated": Count.TERMINATED}


def record(
    engine: Engine,
    uow: UnitOfWork,
    locked: Locked,
    definition: Definition,
    progress: Progress,
    *,
    before: Mapping[int, str],
    actor: Actor,
    notes: Sequence[Entry] = (),
    tell_caller: bool = True,
) -> None:
    """Store what one move of an instance brought about.

    Args:
        before: the stored nodes of the snapshot that the move began with.
        notes: what history says before the move's own lines.
        tell_caller: when it has ended and was called, tell the caller.
    """
    _Recorder(engine, uow, locked, definition, progress, actor).store(before, notes, tell_caller)


class _Recorder:
    """Sorts what is asked for by table, then writes table by table."""

    def __init__(
        self,
        engine: Engine,
        uow: UnitOfWork,
        locked: Locked,
        definition: Definition,
        progress: Progress,
        actor: Actor,
    ) -> None:
        self.engine = engine
        self.uow = uow
        self.locked = locked
        self.row: Instance = locked.row
        self.definition = definition
        self.progress = progress
        self.actor = actor
        self.opened: dict[Opened, dict[int, dict[str, Any]]] = {kind: {} for kind in Opened}
        self.closed: dict[Opened, list[int]] = {kind: [] for kind in Opened}
        self.sent: list[dict[str, Any]] = []
        self.raised: dict[int, dict[str, Any]] = {}
        self.resolved: list[int] = []
        self.counts: Counter[tuple[str, Count]] = Counter()

    # ---- sorting ---------------------------------------------------------------------------------------------------

    def sort(self) -> None:
        for ask in self.progress.asks:
            match ask:
                case OpenTask():
                    self.opened[Opened.TASK][ask.id] = self._task(ask)
                case OpenJob():
                    self.opened[Opened.JOB][ask.id] = self._job(
                        JobKind.SERVICE,
                        ask.id,
                        ask.element_id,
                        type_=ask.type,
                        retries=ask.retries,
                        headers=ask.headers,
                    )
                case OpenTimer():
                    self.opened[Opened.TIMER][ask.id] = self._job(
                        JobKind.TIMER, ask.id, ask.element_id, due_at=ask.due_at
                    )
                case OpenSubscription():
                    self.opened[Opened.SUBSCRIPTION][ask.id] = self._subscription(ask)
                case StartChild():
                    self.opened[Opened.CHILD][ask.id] = self._job(
                        JobKind.START_CHILD, ask.id, ask.element_id, payload=self._child(ask)
                    )
                case Close():
                    if self.opened[ask.what].pop(ask.id, None) is None:
                        self.closed[ask.what].append(ask.id)
                case SendMessage():
                    payload = {
                        "name": ask.name,
                        "key": ask.key,
                        "variables": ask.variables,
                        "message_id": ask.message_id,
                        "ttl_s": ask.ttl_s,
                    }
                    self.sent.append(self._job(JobKind.PUBLISH, None, ask.element_id, payload=payload))
                case SendSignal():
                    payload = {"name": ask.name, "variables": ask.variables}
                    self.sent.append(self._job(JobKind.BROADCAST, None, ask.element_id, payload=payload))
                case SendEscalation():
                    self._escalate(ask)
                case RaiseIncident():
                    self.raised[ask.id] = incidents.row(
                        self.uow,
                        self.row.key,
                        element_id=ask.element_id,
                        kind=ask.kind,
                        message=ask.message,
                        ref=ask.id,
                    )
                case ResolveIncident():
                    if self.raised.pop(ask.id, None) is None:
                        self.resolved.append(ask.id)
        if self.progress.continues:
            self.sent.append(self._job(JobKind.CONTINUE, None, ""))

    def _job(self, kind: JobKind, ref: int | None, element_id: str, **more: Any) -> dict[str, Any]:
        row = jobs.row(self.uow, kind, instance_key=self.row.key, ref=ref, element_id=element_id, **more)
        row["held"] = self.row.state is InstanceState.SUSPENDED and self.progress.ended is None
        return row

    def _task(self, ask: OpenTask) -> dict[str, Any]:
        now = self.uow.now
        return {
            "key": self.uow.new_key(),
            "instance": self.row.key,
            "ref": ask.id,
            "definition": self.row.definition,
            "process_id": self.row.process_id,
            "unit": self.row.unit,
            "element_id": ask.element_id,
            "name": ask.name,
            "state": TaskState.CLAIMED if ask.assignee else TaskState.CREATED,
            "assignee": ask.assignee or None,
            "candidate_groups": list(ask.candidate_groups),
            "candidate_users": list(ask.candidate_users),
            "form_id": ask.form_id,
            "priority": ask.priority,
            "due_at": ask.due_at,
            "follow_up_at": ask.follow_up_at,
            "created_at": now,
            "claimed_at": now if ask.assignee else None,
            "done_at": None,
            "changed_at": now,
            "changed_by": self.actor.id,
            "changed_by_name": self.actor.name,
        }

    def _subscription(self, ask: OpenSubscription) -> dict[str, Any]:
        return subscriptions.row(
            self.uow,
            ask.kind,
            ask.name,
            ask.key,
            definition=self.row.definition,
            process_id=self.row.process_id,
            element_id=ask.element_id,
            instance=self.row.key,
            ref=ask.id,
        )

    def _child(self, ask: StartChild) -> dict[str, Any]:
        return {
            "process_id": ask.process_id,
            "binding": ask.binding,
            "version_tag": ask.version_tag,
            "variables": ask.variables,
            "errors": sorted(ask.catches.errors, key=str),
            "escalations": sorted(ask.catches.escalations, key=str),
            "depth": ask.depth,
            "actor": [self.actor.id, self.actor.name],
        }

    def _escalate(self, ask: SendEscalation) -> None:
        if self.row.parent is not None:
            payload = {"code": ask.code, "variables": ask.variables}
            self.sent.append(
                jobs.row(
                    self.uow, JobKind.ESCALATE, instance_key=self.row.parent, ref=self.row.parent_ref, payload=payload
                )
            )

    # ---- storing ---------------------------------------------------------------------------------------------------

    def store(self, before: Mapping[int, str], notes: Sequence[Entry], tell_caller: bool) -> None:
        self.sort()
        ended = self.progress.ended
        if ended is not None and self.row.state is InstanceState.SUSPENDED:
            # nobody will resume it: what was on its way to it goes elsewhere or is let go
            jobs.hold(self.uow, self.row.key, False)
            self.uow.after_commit(self.engine.wake)
        if ended is not None and tell_caller:
            self._tell_caller(ended)
        # (1) what was closed
        self._close()
        # (2) incidents that are over
        resolved = self._resolve(all_of_them=ended is not None)
        # (3) what was opened
        self._open()
        # (4) messages that waited
        self._take_waiting()
        if ended is not None and self.row.start_key is not None:
            start_waiting(self.engine, self.uow, self.row.process_id, self.row.start_key)
        # (5) the snapshot
        head = self._snapshot(before)
        # (6) history
        entries = [*notes, *(Entry(each.kind, each.element_id, each.id, each.data) for each in self.progress.history)]
        entries += [Entry("incident_resolved", element_id, ref) for element_id, ref in resolved]
        entries += [
            Entry("incident_raised", each["element_id"], ref, {"kind": each["kind"], "message": str(each["message"])})
            for ref, each in self.raised.items()
        ]
        events, event_hash = history.append(
            self.uow,
            self.row.key,
            self.row.events,
            self.row.event_hash,
            entries,
            actor_id=self.actor.id,
            actor_name=self.actor.name,
        )
        # (7) counts
        self._count(resolved)
        # (8) the instance
        instances.save(
            self.uow,
            self.row,
            state=self.row.state if ended is None else ENDS[ended.outcome],
            head=head,
            result=None if ended is None else ended.variables,
            incidents=len(self.raised) - len(resolved),
            events=events,
            event_hash=event_hash,
            about=self._about(),
        )

    def _about(self) -> tuple[str, str]:
        ended = self.progress.ended
        variables = local(self.progress.state) if ended is None else ended.variables
        before = (self.row.title, self.row.grade)
        return about.say(self.definition, variables, now=self.uow.now, zone=self.engine.zone, before=before)

    def _tell_caller(self, ended: Ended) -> None:
        if self.row.parent is None:
            return
        payload = {"child": self.row.key, "outcome": ended.outcome, "code": ended.code, "message": ended.message}
        self.sent.append(
            jobs.row(
                self.uow, JobKind.CHILD_RESULT, instance_key=self.row.parent, ref=self.row.parent_ref, payload=payload
            )
        )

    def _close(self) -> None:
        key = self.row.key
        closers: dict[Opened, Callable[[list[int]], object]] = {
            Opened.TASK: lambda refs: tasks.cancel(
                self.uow, key, refs, actor_id=self.actor.id, actor_name=self.actor.name
            ),
            Opened.JOB: lambda refs: jobs.cancel(self.uow, key, refs),
            Opened.TIMER: lambda refs: jobs.drop(self.uow, JobKind.TIMER, key, refs),
            Opened.SUBSCRIPTION: lambda refs: subscriptions.remove(self.uow, key, refs),
            Opened.CHILD: self._cancel_children,
        }
        for what, close in closers.items():
            if refs := self.closed[what]:
                close(refs)

    def _cancel_children(self, refs: list[int]) -> None:
        # a child that was not started yet is not started; one that was is canceled in a transaction of its own
        jobs.drop(self.uow, JobKind.START_CHILD, self.row.key, refs)
        self.sent += [self._job(JobKind.CANCEL_CHILD, ref, "") for ref in refs]

    def _resolve(self, *, all_of_them: bool) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        if self.resolved:
            found = incidents.resolve_refs(self.uow, self.row.key, self.resolved, actor_id=self.actor.id)
            jobs.cancel_failed(self.uow, self.row.key, self.resolved)
        if all_of_them and self.row.incidents > len(found):
            found += incidents.resolve_all(self.uow, self.row.key, actor_id=self.actor.id)
            jobs.drop_failed(self.uow, self.row.key)
        return found

    def _open(self) -> None:
        opened = self.opened
        if new := list(opened[Opened.TASK].values()):
            tasks.add(self.uow, new)
            elements = self.definition.elements
            four_eyes.add(self.uow, [(row["key"], id) for row in new for id in earlier(elements[row["element_id"]])])
            offers = places(self.uow, new, self.locked.unit_path)
            candidates.add(self.uow, [each for row in new for each in candidates.rows(row, offers[row["key"]])])
        queued = [
            *opened[Opened.JOB].values(),
            *opened[Opened.TIMER].values(),
            *opened[Opened.CHILD].values(),
            *self.sent,
        ]
        jobs.add(self.uow, queued)
        if any(row["due_at"] <= self.uow.now for row in queued):
            self.uow.after_commit(self.engine.wake)
        incidents.add(self.uow, list(self.raised.values()))
        subscriptions.add(self.uow, list(opened[Opened.SUBSCRIPTION].values()))

    def _take_waiting(self) -> None:
        new = [row for row in self.opened[Opened.SUBSCRIPTION].values() if row["kind"] is SubscriptionKind.MESSAGE]
        if new:
            take_waiting(self.engine, self.uow, self.row.process_id, new)

    def _snapshot(self, before: Mapping[int, str]) -> str | None:
        key, state = self.row.key, self.progress.state
        if self.progress.ended is not None:
            if before:
                snapshots.clear(self.uow, key)
            self._count_live(before.items(), -1)
            return None
        dump = snapshot.dump(state)
        self._refuse_overgrown(dump, before)
        snapshots.put(self.uow, key, dump.changed, dump.removed)
        self._count_live(((id_, before[id_]) for id_ in dump.removed if id_ in before), -1)
        self._count_live(((id_, text) for id_, text in dump.changed.items() if id_ not in before), 1)
        return dump.head

    def _refuse_overgrown(self, dump: snapshot.Dump, before: Mapping[int, str]) -> None:
        limit = self.engine.limits.snapshot_bytes
        kept = sum(len(text) for id_, text in before.items() if id_ not in dump.changed and id_ not in dump.removed)
        size = kept + len(dump.head) + sum(map(len, dump.changed.values()))
        if size > limit:
            raise LimitExceeded(
                "process instance {key} would grow to {size} bytes; {limit} are allowed: keep less in its variables",
                key=self.row.key,
                size=size,
                limit=limit,
            )

    def _count_live(self, nodes: Iterable[tuple[int, str]], by: int) -> None:
        for id_, text in nodes:
            node = snapshot.decode(id_, text)
            if isinstance(node, ElementInstance):
                self.counts[node.element_id, Count.LIVE] += by

    def _count(self, resolved: Sequence[tuple[str, int]]) -> None:
        for each in self.progress.history:
            if each.kind in COUNTED:
                self.counts[each.element_id, COUNTED[each.kind]] += 1
        for element_id, _ in resolved:
            self.counts[element_id, Count.INCIDENTS] -= 1
        for row in self.raised.values():
            self.counts[row["element_id"], Count.INCIDENTS] += 1
        counters.add(self.uow, self.row.definition, self.counts)
