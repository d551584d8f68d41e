// The facts column folds away, and stays as it was left. Menus close when one looks elsewhere.
const KEY = "facts-folded";

function apply() {
  const folded = localStorage.getItem(KEY) === "1";
  for (const task of document.querySelectorAll(".task")) {
    task.classList.toggle("folded", folded);
    task.querySelector("[data-fold]")?.setAttribute("aria-expanded", String(!folded));
  }
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-fold]")) {
    localStorage.setItem(KEY, localStorage.getItem(KEY) === "1" ? "0" : "1");
    apply();
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits-form]")) event.target.form.requestSubmit();
});
document.addEventListener("htmx:after:swap", apply);
apply();
