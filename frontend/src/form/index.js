// Forms by form-js: filled in here, judged by the server. What is typed survives a reload, a lost network and a refusal.
import { Form } from "@bpmn-io/form-js-viewer";
import flatpickr from "flatpickr";
import { Mandarin } from "flatpickr/dist/esm/l10n/zh.js";

import { send } from "../shared/http.js";
import { locale, t } from "../shared/texts.js";
import { draftOf } from "./draft.js";
import { NoButton } from "./button.js";
import { nameLists } from "./listbox.js";
import { focusFirst, showProblems } from "./problems.js";
import { Numbers } from "./number.jsx";
import { Places } from "./place.jsx";
import { dashEmpty, ReadOnly } from "./readonly.js";
import { withUploads } from "./upload.jsx";

flatpickr.localize({ ...(locale.startsWith("zh") ? Mandarin : {}), firstDayOfWeek: 1 });

const SETTLED_MS = 150;

async function mount(holder) {
  if (holder.dataset.mounted) return;
  holder.dataset.mounted = "yes";
  const { schema, data, readonly } = JSON.parse(holder.querySelector('script[type="application/json"]').textContent);
  const draft = draftOf(holder.dataset.draft);
  const typed = readonly ? null : draft.read();
  const place = document.createElement("div");
  const form = new Form({
    container: place,
    properties: { readOnly: Boolean(readonly), ariaLabel: holder.dataset.label },
    debounce: false, // what waits to be taken over is lost when anything else changes meanwhile, such as a photo that has arrived
    additionalModules: [withUploads(holder.dataset.upload, holder.dataset.files), NoButton, Numbers, Places, ReadOnly],
  });
  await form.importSchema(schema, { ...data, ...typed?.values });
  holder.replaceChildren(place);
  const attend = () => [nameLists, dashEmpty].forEach((help) => help(place));
  new MutationObserver(attend).observe(place, { childList: true, subtree: true, attributeFilter: ["class"] });
  attend();
  holder.classList.add("ready");
  if (readonly) return;
  if (typed) offerDiscard(holder, typed, draft);
  // what the form works out by itself while it opens is not typed by anybody
  let untouched = "";
  setTimeout(() => (untouched = JSON.stringify(form._getState().data)), SETTLED_MS);
  form.on("changed", ({ data: values }) => {
    if (untouched && JSON.stringify(values) !== untouched) draft.write(values);
  });
  form.on("submit", ({ data: values, errors }) => finish(holder, form, draft, values, errors));
  for (const button of document.querySelectorAll(`[data-submits="${holder.id}"]`)) {
    button.addEventListener("click", () => form.submit());
  }
}

function offerDiscard(holder, typed, draft) {
  const note = document.createElement("p");
  note.className = "hint draft";
  const at = new Date(typed.at).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
  note.append(t("What you typed at {time} was kept.", { time: at }), " ");
  const discard = document.createElement("button");
  discard.type = "button";
  discard.className = "link";
  discard.textContent = t("Discard");
  discard.addEventListener("click", () => {
    draft.clear();
    location.reload();
  });
  note.append(discard);
  holder.prepend(note);
}

async function finish(holder, form, draft, values, errors) {
  if (holder.dataset.busy) return;
  if (Object.keys(errors).length) return focusFirst(holder);
  busy(holder, true);
  const { status, body } = await send(holder.dataset.action, { values, command_id: holder.dataset.command });
  if (status === 200 || status === 201) {
    draft.clear();
    document.dispatchEvent(new CustomEvent("propflow:done", { detail: body }));
    return;
  }
  busy(holder, false);
  showProblems(holder, form, status, body);
}

function busy(holder, yes) {
  holder.toggleAttribute("data-busy", yes);
  for (const button of document.querySelectorAll(`[data-submits="${holder.id}"]`)) button.disabled = yes;
}

const mountAll = () => document.querySelectorAll("[data-form]").forEach(mount);
document.addEventListener("htmx:after:swap", mountAll);
mountAll();
