import { icon } from "../shared/icon.js";
import { t } from "../shared/texts.js";

/** Marks what is live, done or stuck. `facts`: `{live: [id], done: [id], incidents: [{element, message}]}`. */
export function paint(viewer, facts) {
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const overlays = viewer.get("overlays");
  const known = (id) => registry.get(id);
  const live = new Set(facts.live.filter(known));
  const done = new Set(facts.done.filter(known));
  for (const id of done) if (!live.has(id)) canvas.addMarker(id, "is-done");
  for (const id of live) canvas.addMarker(id, "is-live");
  for (const element of registry.filter(({ type }) => type === "bpmn:SequenceFlow")) {
    if (done.has(element.source.id) && (done.has(element.target.id) || live.has(element.target.id))) {
      canvas.addMarker(element, "is-done");
    }
  }
  for (const { element, message } of facts.incidents) {
    if (!known(element)) continue;
    canvas.addMarker(element, "is-stuck");
    const mark = document.createElement("div");
    mark.className = "stuck-mark";
    mark.title = message || t("Incident");
    mark.append(icon("alert-triangle", "icon small"));
    overlays.add(element, { position: { top: -12, right: 12 }, html: mark });
  }
}
