// List and detail: which row is lit, which of the two shows on a narrow screen, where the focus goes, what opens next.
import { follow } from "./follow.js";
import { toast } from "./toast.js";

const panes = () => document.querySelector(".panes");

const SAID = "said";

/** Opens the next page: into the detail pane where there is one, else as a page of its own; says what happened on whichever it is. */
function go(done) {
  const url = done.next;
  if (panes() && url.startsWith(panes().dataset.base ?? "\0")) {
    say(done);
    window.htmx.ajax("GET", url, { target: "#detail", swap: "innerHTML", push: url });
    document.dispatchEvent(new CustomEvent("propflow:ask"));
  } else {
    sessionStorage.setItem(SAID, JSON.stringify(done));
    location.assign(url);
  }
}

/** Says what happened, and what came of it as soon as that is known; `after` is where to ask. */
function say({ message, after }) {
  if (!message) return;
  const first = toast(message);
  if (after) follow(after, (found) => toast(found.message, { ...found, instead: first }));
}

const said = sessionStorage.getItem(SAID);
if (said) {
  sessionStorage.removeItem(SAID);
  say(JSON.parse(said));
}

function light(path) {
  for (const row of document.querySelectorAll(".items .item")) {
    if (new URL(row.href).pathname === path) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

document.addEventListener("htmx:after:swap", (event) => {
  const place = event.detail.ctx?.target?.id;
  if (place === "rows") light(location.pathname); // the list comes anew without knowing what is open
  if (place !== "detail" || !panes()) return;
  panes().dataset.open = "detail";
  light(location.pathname);
  document.querySelector('.items .item[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
  document.getElementById("detail").scrollTop = 0;
  const title = document.querySelector("#detail h1");
  if (title) document.title = `${title.textContent.trim()} · propflow`;
  title?.focus({ preventScroll: true });
});
document.addEventListener("htmx:before:request", (event) => {
  const row = event.detail.ctx?.sourceElement;
  if (row?.matches?.(".items .item")) light(new URL(row.href).pathname);
});
document.addEventListener("htmx:error", () => light(location.pathname));
document.addEventListener("propflow:done", ({ detail }) => go(detail));
