"""Who gets what answer on every route. A route that is not in the table below fails, so that nobody forgets to think about it."""

from __future__ import annotations

import pytest

from tests.webui.test_tasks import first_task

OPEN = "open"  #: for everybody
OWN = "own"  #: for whoever has signed in, about themselves
SEEN = "seen"  #: for those who may see the thing; for others it does not exist
SIGNED = "signed"  #: for machines with a signature
LINK = "link"  #: for the holder of a link

ROUTES = {
    "static": OPEN,
    "health.healthz": OPEN,
    "accounts.sign_in": OPEN,
    "accounts.sign_out": OPEN,
    "accounts.language": OPEN,
    "accounts.profile": OWN,
    "accounts.change_password": OWN,
    "accounts.sign_out_everywhere": OWN,
    "absences.index": OWN,
    "absences.begin": OWN,
    "absences.end": SEEN,
    "tasks.home": OWN,
    "tasks.inbox": OWN,
    "tasks.events": OWN,
    "tasks.page": SEEN,
    "tasks.claim": SEEN,
    "tasks.release": SEEN,
    "tasks.complete": SEEN,
    "tasks.after": SEEN,
    "handing.assign_form": SEEN,
    "handing.assign": SEEN,
    "handing.urgency_form": SEEN,
    "handing.urgency": SEEN,
    "start.catalogue": OWN,
    "start.form": SEEN,
    "start.begin": SEEN,
    "instances.index": OWN,
    "instances.page": SEEN,
    "instances.diagram": SEEN,
    "instances.action": SEEN,
    "instances.act": SEEN,
    "instances.unstop": SEEN,
    "instances.reopen_form": SEEN,
    "instances.reopen": SEEN,
    "steering.page": SEEN,
    "steering.act": SEEN,
    "batches.index": SEEN,
    "batches.order": SEEN,
    "batches.begin": SEEN,
    "batches.page": SEEN,
    "batches.repeat": SEEN,
    "batches.stop": SEEN,
    "drafts.index": SEEN,
    "drafts.upload": SEEN,
    "drafts.edit": SEEN,
    "drafts.page": SEEN,
    "drafts.replace": SEEN,
    "drafts.diagram": SEEN,
    "drafts.export": SEEN,
    "drafts.deploy": SEEN,
    "drafts.discard": SEEN,
    "devices.index": OWN,
    "devices.page": SEEN,
    "devices.silenced": OWN,
    "devices.aside": SEEN,
    "devices.let_go": SEEN,
    "rules.index": SEEN,
    "rules.attempt": SEEN,
    "upkeep.state_form": SEEN,
    "upkeep.set_state": SEEN,
    "upkeep.maintenance_form": SEEN,
    "upkeep.plan_maintenance": SEEN,
    "upkeep.cancel_form": SEEN,
    "upkeep.cancel_maintenance": SEEN,
    "upkeep.disable_form": SEEN,
    "upkeep.disable": SEEN,
    "upkeep.enable": SEEN,
    "upkeep.enable_listed": SEEN,
    "notices.index": OWN,
    "files.upload": OWN,
    "files.show": SEEN,
    "outbox.index": OWN,
    "outbox.again": SEEN,
    "public.index": OPEN,
    "public.report_form": OPEN,
    "public.send_report": OPEN,
    "public.received": OPEN,
    "public.upload": OPEN,
    "public.thanks": OPEN,
    "public.open_link": LINK,
    "public.answer": LINK,
    "public.events": LINK,
    "public.reopen_form": LINK,
    "public.reopen": LINK,
    "public.upload_by_link": LINK,
    "public.show_file": LINK,
    "inbound.telemetry": SIGNED,
    "inbound.payments": SIGNED,
}


def test_every_route_is_in_the_table(desk):
    assert {rule.endpoint for rule in desk.app.url_map.iter_rules()} == set(ROUTES)


@pytest.fixture
def ask(desk, browser, visit):
    """Ask for a route as somebody, about a visit that Alice started; gives the status."""
    instance = visit()
    task = first_task(browser("alice").get("/inbox"))
    values = {
        "key": None,
        "process_id": "visit",
        "element_id": "urged",
        "incident": "1",
        "code": "nothing",
        "token": "made-up",
        "source": "x",
        "digest": "nothing",
        "window": "1",
        "rule": "nothing",
        "kind": "lift",
        "topic": "pm/x/y/telemetry",
        "filename": "favicon.svg",
    }

    def send(endpoint, login):
        who = browser(login) if login else browser()
        adapter = desk.app.url_map.bind("localhost")
        rule = next(rule for rule in desk.app.url_map.iter_rules() if rule.endpoint == endpoint)
        key = task if endpoint.startswith(("tasks.", "handing.")) else instance
        given = {name: values[name] or key for name in rule.arguments}
        path = adapter.build(endpoint, given, method=next(iter(rule.methods - {"HEAD", "OPTIONS"})))
        if "POST" in rule.methods and "GET" not in rule.methods:
            return who.post(path, json={"values": {}}).status_code
        return who.get(path, headers={"Accept": "text/html"}).status_code

    return send


@pytest.mark.parametrize("endpoint", [name for name, kind in ROUTES.items() if kind in (OWN, SEEN)])
def test_nobody_who_has_not_signed_in_gets_in(ask, endpoint):
    assert ask(endpoint, "") in (302, 401)


@pytest.mark.parametrize("endpoint", [name for name, kind in ROUTES.items() if kind == SEEN])
@pytest.mark.parametrize("login", ["mallory", "dan"])
def test_what_is_not_theirs_to_see_does_not_exist_for_them(ask, endpoint, login):
    if endpoint == "start.form" and login == "dan":
        assert ask(endpoint, login) == 200  # a technician too, of another project
    elif endpoint == "start.begin" and login == "dan":
        assert ask(endpoint, login) == 422  # he may begin one at his own project; nothing was filled in
    else:
        assert ask(endpoint, login) in (403, 404)


@pytest.mark.parametrize("endpoint", [name for name, kind in ROUTES.items() if kind == OWN and name != "files.upload"])
def test_everybody_who_has_signed_in_has_a_place_of_their_own(ask, endpoint):
    assert ask(endpoint, "mallory") in (200, 302, 422)


@pytest.mark.parametrize("endpoint", [name for name, kind in ROUTES.items() if kind == LINK])
def test_a_made_up_link_opens_nothing(ask, endpoint):
    assert ask(endpoint, "") == 403
    assert ask(endpoint, "root") == 403  # not even for those who may do everything elsewhere


@pytest.mark.parametrize("endpoint", [name for name, kind in ROUTES.items() if kind == SIGNED])
def test_a_webhook_without_a_signature_is_refused(ask, endpoint):
    assert ask(endpoint, "") in (403, 404)
