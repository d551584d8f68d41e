// Says what the server refused: at the field where it belongs, or above the form; then puts the focus there.
import { icon } from "../shared/icon.js";
import { t } from "../shared/texts.js";

/** Shows the answer of a submission that did not succeed. */
export function showProblems(holder, form, status, body) {
  holder.querySelector(".error-summary")?.remove();
  const fields = fieldsByKey(form);
  const errors = {};
  const others = [];
  for (const { where, message } of body.problems ?? []) {
    const [key] = String(where).split(/[.[]/);
    const id = fields[key];
    if (id) (errors[id] ??= []).push(message);
    else others.push(message);
  }
  form._setState({ errors });
  if (!Object.keys(errors).length || others.length) holder.prepend(summary(status, body, others));
  focusFirst(holder);
}

/** Puts the focus on the first thing that is wrong. */
export function focusFirst(holder) {
  requestAnimationFrame(() => {
    const first = holder.querySelector(".error-summary") ?? holder.querySelector(".fjs-has-errors :is(input, textarea, select, button, [tabindex])");
    first?.focus();
    first?.scrollIntoView({ block: "center" });
  });
}

function fieldsByKey(form) {
  const ids = {};
  for (const field of form.get("formFieldRegistry").getAll()) {
    const key = field.key ?? field.path;
    if (key) ids[key] = field.id;
  }
  return ids;
}

function summary(status, body, others) {
  const box = document.createElement("div");
  box.className = "error-summary";
  box.tabIndex = -1;
  box.setAttribute("role", "alert");
  const title = document.createElement("h2");
  title.append(icon("alert-triangle", "icon small"), " ", headline(status, body));
  box.append(title);
  if (others.length) {
    const list = document.createElement("ul");
    for (const message of others) {
      const line = document.createElement("li");
      line.textContent = message;
      list.append(line);
    }
    box.append(list);
  }
  if (body.next) {
    const link = document.createElement("a");
    link.href = body.next;
    link.textContent = body.next_text;
    box.append(link);
  }
  return box;
}

function headline(status, body) {
  if (status === 0) return t("No connection. What you typed is kept; try again when you are back online.");
  if (status === 401) return t("You have been signed out. What you typed is kept; sign in again and it is still here.");
  return body.message ?? t("That did not work. What you typed is kept; try again.");
}
