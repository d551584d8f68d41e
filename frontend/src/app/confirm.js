// Asks once before what cannot be undone, in a dialog that names what it does. Opens the other dialogs too.
import { t } from "../shared/texts.js";

document.addEventListener("htmx:confirm", (event) => {
  const { ctx, issueRequest, dropRequest } = event.detail;
  event.preventDefault();
  const source = ctx.sourceElement;
  const box = document.createElement("dialog");
  box.className = "box";
  box.innerHTML = '<form method="dialog"><header><h2></h2></header><div class="inner"></div><footer></footer></form>';
  box.querySelector("h2").textContent = source.dataset.title ?? source.textContent.trim();
  box.querySelector(".inner").textContent = ctx.confirm;
  const footer = box.querySelector("footer");
  footer.append(button(t("Cancel"), "", "no"), button(source.dataset.verb ?? source.textContent.trim(), "danger", "yes"));
  document.body.append(box);
  box.addEventListener("close", () => {
    (box.returnValue === "yes" ? issueRequest : dropRequest)();
    box.remove();
    source.focus();
  });
  box.showModal();
});

function button(text, kind, value) {
  const made = document.createElement("button");
  made.className = `button ${kind}`;
  made.value = value;
  made.textContent = text;
  return made;
}

document.addEventListener("click", (event) => {
  const id = event.target.closest("[data-opens]")?.dataset.opens;
  if (id) document.getElementById(id)?.showModal();
  if (event.target.matches("dialog.box")) event.target.close(); // the veil around it
});
