const NS = "http://www.w3.org/2000/svg";

/** An icon of the sprite as an element; the sprite's address comes from the page, which knows its version. */
export function icon(name, classes = "icon") {
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("class", classes);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(NS, "use");
  use.setAttribute("href", `${document.body.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}
