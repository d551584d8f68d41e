"""The verbs of the harness: what people, workers and operators do. Each ends when nothing is left to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from engine.bpmn.progress import Activation
from engine.errors import IllegalTransition, NotFound, Problem
from engine.model.keys import parse_key
from engine.services import incidents, jobs, messages, migration, repository, runtime, tasks
from engine.services.incidents import Incident
from engine.services.tasks import Task
from engine.store import jobs as job_rows
from engine.store import leases
from engine.testing.clockwork import WORKER
from engine.testing.files import resource
from engine.testing.looking import Looking
from engine.testing.seen import OpenIncident, OpenJob, OpenTask


class Harness(Looking):
    """A fresh engine for tests of processes. Also a context manager, which gives its database back."""

    # ---- deploying and starting --------------------------------------------------------------------------------------

    def deploy(self, *sources: str | Path | bytes) -> repository.Deployment:
        """Deploy files together: paths, or bytes of BPMN, DMN or form files.

        Raises:
            Invalid: a file is refused; ``problems`` says why, and nothing is deployed.
        """
        resources = [resource(number, source) for number, source in enumerate(sources, 1)]
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

    # ---- people ------------------------------------------------------------------------------------------------------

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

    # ---- workers -----------------------------------------------------------------------------------------------------

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

    # ---- messages and signals ----------------------------------------------------------------------------------------

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

    # ---- repair ------------------------------------------------------------------------------------------------------

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
