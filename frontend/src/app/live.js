// The inbox, and the page on which a resident follows a case, update by themselves: one small question every few seconds, answered 204 when nothing happened. Only a visible tab asks, so
// ten open tabs cost as much as one; errors and idle hours make it ask more slowly.
import { toast } from "./toast.js";
import { t } from "../shared/texts.js";

const FIRST_MS = 400; // what the page left out to come fast, such as the count of notices
const FAST_MS = 1000 * (document.body.dataset.pace ?? 4);
const SLOW_MS = 60_000;
const QUIET_AFTER_MS = 10 * 60_000;

const url = document.body.dataset.events;
let cursor = document.body.dataset.cursor ?? "";
let pause = FAST_MS;
let lastTouch = Date.now();
let timer = 0;
let asking = false;

async function ask() {
  clearTimeout(timer);
  if (document.hidden || asking) return;
  asking = true;
  try {
    const response = await fetch(`${url}?since=${encodeURIComponent(cursor)}`, { headers: { Accept: "application/json" } });
    online(true);
    if (response.status === 401) return signedOut();
    if (response.status === 403) return; // the link has ended
    if (response.status === 200) take(await response.json());
    pause = Date.now() - lastTouch > QUIET_AFTER_MS ? SLOW_MS / 4 : FAST_MS;
  } catch {
    online(navigator.onLine && pause < SLOW_MS / 4);
    pause = Math.min(pause * 2, SLOW_MS);
  } finally {
    asking = false;
  }
  timer = setTimeout(ask, pause);
}

function take(news) {
  const isFirst = !cursor;
  cursor = news.cursor;
  let changed = !isFirst; // the first answer tells nothing new, unless something came between the page and it
  for (const [name, count] of Object.entries(news.counts ?? {})) {
    for (const place of document.querySelectorAll(`[data-count="${name}"]`)) {
      const text = place.matches(".count") ? (count ? capped(count, 99) : "") : capped(count, 999);
      if (place.textContent.trim() === text) continue;
      place.textContent = text;
      changed ||= name !== "notices"; // which pages leave to the first answer
    }
  }
  if (changed) document.body.dispatchEvent(new CustomEvent("propflow:news", { bubbles: true, detail: news }));
}

const capped = (count, most) => (count > most ? `${most}+` : String(count));

function online(yes) {
  document.body.classList.toggle("is-offline", !yes);
}

function signedOut() {
  toast(t("You have been signed out. What you typed is kept."), { kind: "late", link: { href: location.href, text: t("Sign in") } });
}

document.addEventListener("htmx:error", ({ detail }) => {
  if (!detail.ctx) return; // no request
  toast(t("No connection. What you typed is kept; try again when you are back online."), { kind: "late" });
});

if (url) {
  for (const sign of ["keydown", "pointerdown"]) {
    document.addEventListener(sign, () => (lastTouch = Date.now()), { passive: true });
  }
  document.addEventListener("visibilitychange", ask);
  addEventListener("online", ask);
  addEventListener("offline", () => online(false));
  document.addEventListener("propflow:ask", ask);
  timer = setTimeout(ask, FIRST_MS);
}
