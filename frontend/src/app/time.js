// Keeps "in 35 min" true while a page stays open. The server rendered the words; this only moves them on.
import { t } from "../shared/texts.js";

const EVERY_MS = 20_000;

function span(minutes) {
  if (minutes < 60) return t("{count} min", { count: minutes });
  if (minutes < 48 * 60) {
    const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
    return rest && hours < 10 ? t("{hours} h {minutes} min", { hours, minutes: rest }) : t("{count} h", { count: hours });
  }
  return t("{count} d", { count: Math.round(minutes / 1440) });
}

function words(at, kind) {
  const minutes = Math.floor(Math.abs(at - Date.now()) / 60_000);
  if (kind === "due") {
    return at < Date.now() ? t("{span} late", { span: span(minutes) }) : t("in {span}", { span: span(minutes) });
  }
  return minutes < 1 ? t("just now") : t("{span} ago", { span: span(minutes) });
}

function tick() {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-moves]")) {
    const text = words(new Date(time.dateTime), time.dataset.moves);
    if (time.textContent !== text) time.textContent = text;
  }
}

setInterval(tick, EVERY_MS);
document.addEventListener("visibilitychange", tick);
