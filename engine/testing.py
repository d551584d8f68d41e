"""The harness with which process authors test their processes: one engine on a database in memory, with a clock that they move.

Nothing sleeps and nothing runs in the background: every call that changes something ends when nothing is left to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from engine.bpmn.progress import Activation as Activation
from engine.bpmn.progress import Limits
from engine.errors import IllegalTransition, NotFound, Problem
from engine.model.keys import parse_key
from engine.model.ports import FakeClock
from engine.model.values import SYSTEM, Resource
from engine.services import (
    decisions,
    history,
    incidents,
    jobs,
    messages,
    migration,
    reading,
    repository,
    runtime,
    tasks,
)
from engine.services.engine import Engine
from engine.services.incidents import Incident
from engine.services.jobs import ServiceJob
from engine.services.tasks import Task
from engine.store import jobs as job_rows
from engine.store import leases, memory
from engine.store import tasks as task_rows
from engine.store.database import Store
from engine.store.instances import Filter

WORKER = "harness"
SEAL_KEY = b"of every harness"
KNOWN = (*reading.DIAGRAMS, *reading.FORMS, decisions.SUFFIX, ".json", ".svg")
"""Endings of file names that say what is in them; for others, the content does."""
ENDLESS = 100_000  # jobs in one call: more of them is a process that never comes to rest


@dataclass(frozen=True, slots=True)
class OpenTask:
    """An open user task; keys are strings of digits."""

    key: str
    element_id: str
    name: str
    assignee: str | None
    candidate_groups: list[str]
    candidate_users: list[str]
    form_id: str
    priority: int
    due_at: datetime | None
    instance: str


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A service job that waits for a worker."""

    key: str
    type: str
    element_id: str
    variables: dict[str, Any]
    headers: dict[str, str]
    retries: int
    instance: str


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """What stopped and waits for a person; ``instance`` is empty when none could be started."""

    key: str
    element_id: str
    kind: str
    message: str
    instance: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""

    kind: str
    element_id: str
    at: datetime
    actor: str
    data: Mapping[str, Any]


class Harness:
    """A fresh engine. Also a context manager, which gives its database back.

    Args:
        store: an empty database that reads ``clock``, in place of one in memory: to see the same on a real server.
    """

    def __init__(
        self,
        *,
        limits: Limits = Limits(),  # noqa: B008 - an immutable constant
        store: Store | None = None,
        clock: FakeClock | None = None,
    ) -> None:
        self.clock = clock or FakeClock()
        self._own = store is None
        self.store = store or memory.lend(self.clock)
        self.engine = Engine(store=self.store, clock=self.clock, limits=limits, seal_key=SEAL_KEY)
        self.actor = SYSTEM

    def __enter__(self) -> Harness:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the database back; nothing in it is kept."""
        if self._own:
            memory.give_back(self.store)

    @property
    def now(self) -> datetime:
        """The instant at which the clock stands."""
        return self.clock.now()

    # ---- deploying and starting ------------------------------------------------------------------------------------

    def deploy(self, *sources: str | Path | bytes) -> repository.Deployment:
        """Deploy files together: paths, or bytes of BPMN, DMN or form files.

        Raises:
            Invalid: a file is refused; ``problems`` says why, and nothing is deployed.
        """
        resources = [_resource(number, source) for number, source in enumerate(sources, 1)]
        return repository.deploy(self.engine, resources, actor=self.actor)

    def start(
        self,
        process_id: str,
        variables: Mapping[str, Any] | None = None,
        *,
        business_key: str | None = None,
        before: Iterable[str] | None = None,
    ) -> str:
        """Start an instance of the newest version and give its key.

        Args:
            before: element ids to start at in place of the start event; the scopes around them are opened.

        Raises:
            NotFound: there is no such process.
            Invalid: it has no none start event, and ``before`` is not given.
        """
        key = runtime.start(
            self.engine,
            process_id,
            variables,
            actor=self.actor,
            business_key=business_key or "",
            before=tuple(before or ()),
        )
        self.run()
        return str(key)

    # ---- time ------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Do all work of the engine that is due now, in due order, until nothing is left."""
        for _ in range(ENDLESS):
            due = jobs.claim_due(self.engine, worker=WORKER, limit=1)
            if not due:
                if (at := jobs.next_due(self.engine)) is None or at > self.now:
                    return
                continue
            jobs.run(self.engine, due[0])
        raise RuntimeError(f"{ENDLESS} jobs did not bring the processes to rest")

    def advance(self, **by: float) -> None:
        """Move the clock forward, as ``timedelta(**by)``; it stands at each due time while that fires."""
        target = self.now + timedelta(**by)
        self.run()
        while (at := jobs.next_due(self.engine)) is not None and at <= target:
            self.clock.move_to(at)
            self.run()
        self.clock.move_to(target)
        self.run()

    # ---- people ----------------------------------------------------------------------------------------------------

    def tasks(self, instance: str | None = None) -> list[OpenTask]:
        """List open user tasks, oldest first."""
        key = None if instance is None else runtime.instance(self.engine, instance, actor=self.actor).key
        with self.store.read() as uow:
            found = task_rows.of_instance(uow, key)
        return [
            OpenTask(
                key=str(each.key),
                element_id=each.element_id,
                name=each.name,
                assignee=each.assignee,
                candidate_groups=each.candidate_groups,
                candidate_users=each.candidate_users,
                form_id=each.form_id,
                priority=each.priority,
                due_at=each.due_at,
                instance=str(each.instance),
            )
            for each in found
        ]

    def complete(
        self, task: OpenTask | Task | str | int, variables: Mapping[str, Any] | None = None, *, validate: bool = False
    ) -> None:
        """Complete a user task: one that ``tasks`` gave, its key, or its element id when one such task is open.

        Raises:
            NotFound: there is no such task, or several.
            IllegalTransition: it is done already.
            Invalid: with ``validate``, the form does not accept the variables.
        """
        key = self._task_key(task)
        tasks.complete(self.engine, key, variables, actor=self.actor, claiming=True, validate=validate)
        self.run()

    def _task_key(self, task: OpenTask | Task | str | int) -> str | int:
        if isinstance(task, OpenTask | Task):
            return task.key
        if isinstance(task, int) or task.isdigit():
            return task
        found = [each for each in self.tasks() if each.element_id == task]
        if len(found) != 1:
            raise NotFound("{n} open tasks stand at {element}; name one of them by its key", n=len(found), element=task)
        return found[0].key

    # ---- workers ---------------------------------------------------------------------------------------------------

    def jobs(self, type: str | None = None) -> list[OpenJob]:
        """List service jobs that wait for a worker, oldest first."""
        return [_open_job(each) for each in jobs.open_jobs(self.engine, type, actor=self.actor)]

    def complete_job(self, job: OpenJob | str | int, variables: Mapping[str, Any] | None = None) -> None:
        """Answer a job as its worker would."""
        key = self._lease(job)
        jobs.succeed(self.engine, key, variables, actor=self.actor)
        self.run()

    def fail_job(self, job: OpenJob | str | int, message: str, retries: int = 0) -> None:
        """Fail a job; with ``retries`` left it is open again at once, else it is an incident."""
        key = self._lease(job)
        jobs.fail(self.engine, key, message, actor=self.actor, retries=retries)
        self.run()

    def throw_error(self, job: OpenJob | str | int, code: str, variables: Mapping[str, Any] | None = None) -> None:
        """End a job with a BPMN error."""
        key = self._lease(job)
        jobs.throw_error(self.engine, key, code, variables=variables, actor=self.actor)
        self.run()

    def _lease(self, job: OpenJob | str | int) -> int:
        key = parse_key(job.key if isinstance(job, OpenJob) else job)
        with self.store.begin() as uow:
            found = job_rows.get(uow, key)
            if not leases.take(uow, [found.key], worker=WORKER, lease=timedelta(minutes=5)):
                raise IllegalTransition("job {key} is {state}", key=key, state=found.state.value)
            uow.commit()
        return key

    # ---- messages and signals --------------------------------------------------------------------------------------

    def publish(
        self,
        name: str,
        correlation_key: str = "",
        variables: Mapping[str, Any] | None = None,
        *,
        ttl: float | None = None,
        message_id: str | None = None,
    ) -> list[str]:
        """Publish a message and give the instances that took it: at most one per process.

        Args:
            ttl: seconds that it waits for a process that does not wait for it yet; None: not at all.
            message_id: a message with an id that was used before is ignored.
        """
        found = messages.publish(
            self.engine,
            name,
            actor=self.actor,
            correlation_key=correlation_key,
            variables=variables,
            ttl=timedelta(seconds=ttl) if ttl else None,
            message_id=message_id,
        )
        self.run()
        return [str(key) for key in messages.took(self.engine, found.key)] if found.is_new else []

    def broadcast(self, name: str, variables: Mapping[str, Any] | None = None) -> None:
        """Broadcast a signal."""
        messages.broadcast(self.engine, name, variables, actor=self.actor)
        self.run()

    # ---- repair ----------------------------------------------------------------------------------------------------

    def cancel(self, instance: str) -> None:
        """End an instance and those that it called."""
        runtime.cancel(self.engine, instance, actor=self.actor)
        self.run()

    def suspend(self, instance: str) -> None:
        """Stop an instance until it is resumed."""
        runtime.suspend(self.engine, instance, actor=self.actor)
        self.run()

    def resume(self, instance: str) -> None:
        """Let a suspended instance go on."""
        runtime.resume(self.engine, instance, actor=self.actor)
        self.run()

    def set_variables(
        self, instance: str, variables: Mapping[str, Any], element_id: str | None = None, *, scope: int | None = None
    ) -> None:
        """Set variables at an instance, at the innermost live scope of an element, or at the element instance with an id."""
        more: dict[str, Any] = {"element_id": element_id, "scope": scope}
        runtime.set_variables(self.engine, instance, variables, actor=self.actor, **more)
        self.run()

    def modify(
        self, instance: str, activate: Iterable[str | Activation] = (), terminate: Iterable[str | int] = ()
    ) -> None:
        """Terminate element instances and activate elements, in one command.

        Args:
            activate: element ids; an ``Activation`` says in which of several live scope instances.
            terminate: ids of elements, all of whose instances end, or of single element instances.

        Raises:
            NotFound: there is no such element or element instance.
            Invalid: an element cannot be activated, or it is not clear in which scope instance.
        """
        runtime.modify(self.engine, instance, actor=self.actor, activate=tuple(activate), terminate=tuple(terminate))
        self.run()

    def migrate(
        self, instance: str, to_version: int, mapping: Mapping[str, str] | None = None, *, dry_run: bool = False
    ) -> list[Problem]:
        """Move an instance to another version of its process; give the reasons why it cannot, none when it can."""
        problems = migration.migrate(self.engine, instance, to_version, mapping, actor=self.actor, dry_run=dry_run)
        self.run()
        return problems

    def incidents(self, instance: str | None = None) -> list[OpenIncident]:
        """List open incidents, oldest first."""
        found = incidents.open_incidents(self.engine, actor=self.actor, instance=instance, limit=10_000)
        return [
            OpenIncident(str(each.key), each.element_id, each.kind, each.message, str(each.instance or ""))
            for each in found
        ]

    def resolve(self, incident: OpenIncident | Incident | str | int) -> None:
        """Try again what stopped."""
        key = incident.key if isinstance(incident, OpenIncident | Incident) else incident
        incidents.resolve(self.engine, key, actor=self.actor)
        self.run()

    def skip(self, incident: OpenIncident | Incident | str | int, variables: Mapping[str, Any] | None = None) -> None:
        """Let the element that stopped count as completed, as if it had handed back these variables."""
        key = incident.key if isinstance(incident, OpenIncident | Incident) else incident
        incidents.skip(self.engine, key, variables, actor=self.actor)
        self.run()

    # ---- looking ---------------------------------------------------------------------------------------------------

    def state(self, instance: str) -> str:
        """Say ``active``, ``completed``, ``canceled`` or ``suspended``."""
        return runtime.instance(self.engine, instance, actor=self.actor).state.value

    def variables(self, instance: str, element_id: str | None = None) -> dict[str, Any]:
        """Give the variables of the instance's own scope, or of the innermost live scope of an element."""
        return runtime.variables(self.engine, instance, element_id, actor=self.actor)

    def active(self, instance: str) -> list[str]:
        """List the ids of the elements with a live element instance, sorted."""
        return runtime.active(self.engine, instance, actor=self.actor)

    def live(self, instance: str, element_id: str) -> list[int]:
        """List the ids of the live instances of an element, oldest first."""
        found = runtime.tree(self.engine, instance, actor=self.actor)
        return [node.id for node in found if node.element_id == element_id]

    def path(self, instance: str) -> list[str]:
        """List the ids of the flow nodes completed so far, in order."""
        return history.path(self.engine, instance, actor=self.actor)

    def instances(self, process_id: str | None = None) -> list[str]:
        """List the keys of all instances, oldest first."""
        wanted = Filter(process_id=process_id or "")
        keys: list[str] = []
        after = None
        while page := runtime.instances(
            self.engine, wanted, actor=self.actor, after=after, oldest_first=True, limit=1000
        ):
            keys += [str(each.key) for each in page]
            after = page[-1].key
        return keys

    def children(self, instance: str) -> list[str]:
        """List the keys of the instances that this one called, oldest first."""
        return [str(each.key) for each in runtime.children(self.engine, instance, actor=self.actor)]

    def history(self, instance: str) -> list[Event]:
        """List what happened, oldest first."""
        return [
            Event(each.kind, each.element_id, each.at, each.actor, each.data)
            for each in history.events(self.engine, instance, actor=self.actor)
        ]


def _resource(number: int, source: str | Path | bytes) -> Resource:
    if isinstance(source, bytes):
        return Resource(f"{number}{_suffix(source)}", source)
    path = Path(source)
    content = path.read_bytes()
    known = path.name.lower().endswith(KNOWN) or content.lstrip()[:1] not in (b"<", b"{")
    return Resource(path.name if known else path.name + _suffix(content), content)


def _suffix(content: bytes) -> str:
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{"):
        return ".form"
    return ".dmn" if b"/DMN/" in start or b"dmn" in start.partition(b">")[0].lower() else ".bpmn"


def _open_job(job: ServiceJob) -> OpenJob:
    return OpenJob(str(job.key), job.type, job.element_id, job.variables, job.headers, job.retries, str(job.instance))
