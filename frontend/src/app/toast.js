// Short notices at the edge: from a response header (HX-Trigger: {"toast": {...}}), from other scripts, or rendered with the page.
import { icon } from "../shared/icon.js";
import { t } from "../shared/texts.js";

const SHOWN_MS = 6000;

/** Shows a notice; `kind` is one of the five states or empty, `link` is `{href, text}`. With `instead`, in the place of an earlier one. */
export function toast(message, { kind = "", link = null, instead = null } = {}) {
  const box = document.createElement("div");
  box.className = `toast ${kind}`;
  const text = document.createElement("div");
  text.className = "grow";
  text.textContent = message;
  box.append(kind === "late" || kind === "failed" ? icon("alert-triangle") : icon("circle-check"), text);
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link.href;
    anchor.textContent = link.text;
    box.append(anchor);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button bare square";
  close.setAttribute("aria-label", t("Close"));
  close.append(icon("x"));
  box.append(close);
  if (instead?.isConnected) instead.replaceWith(box);
  else document.getElementById("toasts")?.append(box);
  arm(box);
  return box;
}

function arm(box) {
  const timer = setTimeout(() => box.remove(), SHOWN_MS);
  box.addEventListener("mouseenter", () => clearTimeout(timer));
  box.querySelector("button")?.addEventListener("click", () => box.remove());
}

document.body.addEventListener("toast", ({ detail }) => toast(detail.message, detail));
document.querySelectorAll("#toasts .toast").forEach(arm);
