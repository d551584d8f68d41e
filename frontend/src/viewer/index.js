// Diagrams to read: where an instance stands, the way it came, what went wrong; a click leads to what happened there.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

import { icon } from "../shared/icon.js";
import { t } from "../shared/texts.js";
import { paint } from "./paint.js";
import { picks } from "./picks.js";

const LEGIBLE = 0.6; // below it nobody reads the words in a task
const READABLE = 0.8;

async function mount(holder) {
  if (holder.dataset.mounted) return;
  holder.dataset.mounted = "yes";
  const facts = JSON.parse(holder.querySelector('script[type="application/json"]').textContent);
  const answer = await fetch(holder.dataset.xml, { credentials: "same-origin" });
  if (!answer.ok) return fail(holder);
  const canvas = document.createElement("div");
  canvas.className = "canvas";
  holder.replaceChildren(canvas);
  const viewer = new NavigatedViewer({
    container: canvas,
    bpmnRenderer: {
      defaultFillColor: "var(--surface)",
      defaultStrokeColor: "var(--diagram-line)",
      defaultLabelColor: "var(--ink)",
    },
  });
  try {
    await viewer.importXML(await answer.text());
    const own = drawingOf(viewer.getDefinitions(), holder.dataset.process);
    if (own) await viewer.open(own);
  } catch {
    return fail(holder);
  }
  paint(viewer, facts);
  picks(viewer);
  // the whole where one can read it, else the live element at a size that one can
  const place = () => {
    fit(viewer);
    if (facts.live.length && viewer.get("canvas").zoom() < LEGIBLE) focus(viewer, facts.live);
  };
  place();
  tools(holder, viewer);
  viewer.get("eventBus").on("element.click", ({ element }) => show(element.id));
  new ResizeObserver(place).observe(holder);
  onPaper(holder, viewer, place);
  holder.classList.add("ready");
}

/** Shows the whole at the width of a sheet while the page is printed. */
function onPaper(holder, viewer, place) {
  addEventListener("beforeprint", () => {
    holder.classList.add("on-paper");
    fit(viewer);
  });
  addEventListener("afterprint", () => {
    holder.classList.remove("on-paper");
    place();
  });
}

function fit(viewer) {
  const canvas = viewer.get("canvas");
  if (!canvas.getContainer().clientWidth) return;
  canvas.resized();
  canvas.zoom("fit-viewport", "auto");
  // a little air around, and never larger than life
  canvas.zoom(Math.min(canvas.zoom() * 0.96, 1), "auto");
}

function focus(viewer, ids) {
  const canvas = viewer.get("canvas");
  const element = ids.map((id) => viewer.get("elementRegistry").get(id)).find((found) => found && canvas.findRoot(found) === canvas.getRootElement());
  if (!element || !canvas.getContainer().clientWidth) return;
  canvas.resized();
  canvas.zoom(READABLE, { x: 0, y: 0 });
  const { width, height } = canvas.getContainer().getBoundingClientRect();
  canvas.viewbox({
    x: element.x + element.width / 2 - width / READABLE / 2,
    y: element.y + element.height / 2 - height / READABLE / 2,
    width: width / READABLE,
    height: height / READABLE,
  });
}

function tools(holder, viewer) {
  const bar = document.createElement("div");
  bar.className = "tools";
  const steps = [
    [icon("plus", "icon small"), t("Zoom in"), () => viewer.get("zoomScroll").stepZoom(1)],
    [icon("minus", "icon small"), t("Zoom out"), () => viewer.get("zoomScroll").stepZoom(-1)],
    [icon("arrows-maximize", "icon small"), t("Fit"), () => fit(viewer)],
  ];
  for (const [sign, label, act] of steps) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.title = label;
    button.setAttribute("aria-label", label);
    button.append(sign);
    button.addEventListener("click", act);
    bar.append(button);
  }
  holder.append(bar);
}

function show(elementId) {
  for (const lit of document.querySelectorAll(".timeline .lit")) lit.classList.remove("lit");
  const lines = document.querySelectorAll(`.timeline [data-element="${CSS.escape(elementId)}"]`);
  for (const line of lines) line.classList.add("lit");
  lines[0]?.scrollIntoView({ block: "nearest" });
}

// A file may hold several processes with a drawing each; the first one is shown unless another is the case's own.
function drawingOf({ diagrams }, process) {
  const draws = ({ plane: { bpmnElement: root } }) =>
    root?.id === process || root?.participants?.some((each) => each.processRef?.id === process);
  return process && !draws(diagrams[0]) ? diagrams.find(draws) : undefined;
}

function fail(holder) {
  const note = document.createElement("p");
  note.className = "empty";
  note.textContent = t("The diagram cannot be shown");
  holder.replaceChildren(note);
}

const mountAll = () => document.querySelectorAll("[data-diagram]").forEach(mount);
document.addEventListener("htmx:after:swap", mountAll);
mountAll();
