// A box that narrows a list which is on the page as a whole: what does not hold every word that was typed is out of sight.
document.addEventListener("input", (event) => {
  const list = document.getElementById(event.target.dataset?.narrows ?? "");
  if (!list) return;
  const words = event.target.value.toLowerCase().split(/\s+/);
  let shown = 0;
  for (const item of list.children) {
    const text = item.textContent.toLowerCase();
    item.hidden = !words.every((word) => text.includes(word));
    shown += item.hidden ? 0 : 1;
  }
  const nothing = document.getElementById(`${list.id}-none`);
  if (nothing) nothing.hidden = shown > 0;
});
