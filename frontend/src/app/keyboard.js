// The keys of the product. A key does what the control marked with it does, so nothing is reachable by keys only.
import { t } from "../shared/texts.js";

const GO = { i: "inbox", s: "start", r: "requests", d: "devices", n: "notices", m: "outbox" };
let leader = 0; // when "g" was pressed

const typing = (target) => target.closest("input, textarea, select, [contenteditable], dialog, .fjs-taglist, .fjs-input-group");

function move(step) {
  const rows = [...document.querySelectorAll(".items .item, table.grid a.main")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row === document.activeElement);
  const from = at >= 0 ? at : rows.findIndex((row) => row.hasAttribute("aria-current"));
  const next = rows[Math.min(Math.max(from + step, 0), rows.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

function press(key) {
  // what a closed menu holds is within reach of its key too
  const control = [...document.querySelectorAll(`[data-key="${key}"]`)].find(
    (one) => (one.offsetParent || one.closest("details.menu")) && !one.disabled,
  );
  if (!control) return false;
  if (control.matches("input")) control.focus();
  else control.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target)) {
    if (event.key === "Escape" && event.target.matches("input")) event.target.blur();
    return;
  }
  if (leader && Date.now() - leader < 1500) {
    leader = 0;
    const place = document.querySelector(`[data-place="${GO[event.key]}"]`);
    if (place) {
      event.preventDefault();
      place.click();
      return;
    }
  }
  if (event.key === "g") leader = Date.now();
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "?") document.getElementById("keys")?.showModal();
  else if (event.key === "Escape") press("Escape");
  else if (!press(event.key)) return;
  if (event.key !== "g") event.preventDefault();
});

for (const control of document.querySelectorAll("[data-key][title]")) {
  control.title = t("{title} ({key})", { title: control.title, key: control.dataset.key });
}
