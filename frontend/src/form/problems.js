// Says what the server refused: at the field where it belongs, or above the form; then puts the focus there.
import { icon } from "../shared/icon.js";
import { t } from "../shared/texts.js";

/** Shows the answer of a submission that did not succeed. */
export function showProblems(holder, form, status, body) {
  holder.querySelector(".error-summary")?.remove();
  const fields = fieldsByPlace(form);
  const lists = labelsOfLists(form);
  const errors = {};
  const others = [];
  for (const { where, message } of body.problems ?? []) {
    const place = String(where);
    const list = lists[place.split(".")[0]];
    if (fields[place]) put(errors, fields[place], message);
    else others.push(list ? `${list}: ${message}` : message);
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
    first?._flatpickr?.close(); // a calendar would open over what is wrong
    first?.scrollIntoView({ block: "center" });
  });
}

/** Gives {where the server says it is: [id, which items of lists it is in]}, such as `parts.0.qty`. */
function fieldsByPlace(form) {
  const places = {};
  for (const { id, valuePath, indexes } of form.get("formFieldInstanceRegistry").getAllKeyed()) {
    places[valuePath.join(".")] = [id, ...Object.values(indexes ?? {})];
  }
  return places;
}

/** Gives {path of a list: what it is called}; a list has no place of its own for messages. */
function labelsOfLists(form) {
  const lists = form.get("formFieldRegistry").getAll().filter(({ type, path }) => type === "dynamiclist" && path);
  return Object.fromEntries(lists.map(({ path, label }) => [path.split(".")[0], label]));
}

/** Adds a message where form-js looks for it: {id: [...]} or, in lists, {id: {0: [...]}}. */
function put(errors, path, message) {
  const last = path[path.length - 1];
  let node = errors;
  for (const step of path.slice(0, -1)) node = node[step] ??= {};
  (node[last] ??= []).push(message);
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
