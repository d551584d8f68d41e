"""Looking at what the engine of a harness holds: nothing here changes anything."""

from __future__ import annotations

from typing import Any

from engine.services import history, incidents, jobs, runtime
from engine.services.jobs import ServiceJob
from engine.store import tasks as task_rows
from engine.store.instances import Filter
from engine.testing.clockwork import Clockwork
from engine.testing.seen import Event, OpenIncident, OpenJob, OpenTask


class Looking(Clockwork):
    """The reads of a harness."""

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

    def jobs(self, type: str | None = None) -> list[OpenJob]:
        """List service jobs that wait for a worker, oldest first."""
        return [_open_job(each) for each in jobs.open_jobs(self.engine, type, actor=self.actor)]

    def incidents(self, instance: str | None = None) -> list[OpenIncident]:
        """List open incidents, oldest first."""
        found = incidents.open_incidents(self.engine, actor=self.actor, instance=instance, limit=10_000)
        return [
            OpenIncident(str(each.key), each.element_id, each.kind, each.message, str(each.instance or ""))
            for each in found
        ]

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


def _open_job(job: ServiceJob) -> OpenJob:
    return OpenJob(str(job.key), job.type, job.element_id, job.variables, job.headers, job.retries, str(job.instance))
