// A click on the diagram ticks a box of the form beside it: what is live ends, anything else begins. What is ticked shows on the diagram.
const MARKS = { end: "is-ending", begin: "is-beginning" };

/** Ties the tick boxes of the page, if it has any, to a diagram. */
export function picks(viewer) {
  const boxes = () => [...document.querySelectorAll("[data-picks] input[data-element]")];
  if (!boxes().length) return;
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");

  function mark() {
    for (const [kind, css] of Object.entries(MARKS)) {
      for (const box of boxes().filter((each) => each.name === kind && registry.get(each.dataset.element))) {
        canvas.removeMarker(box.dataset.element, css);
      }
      for (const box of boxes().filter((each) => each.name === kind && each.checked && registry.get(each.dataset.element))) {
        canvas.addMarker(box.dataset.element, css);
      }
    }
  }

  viewer.get("eventBus").on("element.click", ({ element }) => {
    const found = boxes().filter((box) => box.dataset.element === element.id);
    if (!found.length) return;
    const all = found.filter((box) => box.name === "end");
    const chosen = all.length ? all : found;
    const ticked = !chosen.every((box) => box.checked);
    for (const box of chosen) box.checked = ticked;
    chosen[0].scrollIntoView({ block: "nearest" });
    mark();
  });
  document.addEventListener("change", mark);
  mark();
}
