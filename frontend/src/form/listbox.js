// form-js' lists of options say nothing to those who do not see them. Here they get the roles of a combobox and its listbox, and come
// into view as a whole when they open near the lower edge.
let count = 0;

/** Names the lists of one form as they are now; they come and go as its fields are opened. */
export function nameLists(place) {
  for (const anchor of place.querySelectorAll(".fjs-select-anchor, .fjs-taglist-anchor, .fjs-timepicker-anchor")) {
    const input = anchor.querySelector("input") ?? anchor.parentElement.querySelector("input");
    if (input) describe(input, anchor.querySelector(".fjs-dropdownlist"));
  }
}

function describe(input, list) {
  const label = document.querySelector(`label[for="${CSS.escape(input.id)}"]`)?.textContent ?? "";
  put(input, { role: "combobox", "aria-haspopup": "listbox", "aria-expanded": String(Boolean(list)) });
  if (!list) {
    for (const gone of ["aria-controls", "aria-activedescendant"]) input.removeAttribute(gone);
    return;
  }
  if (!list.id) {
    list.id = `options-${(count += 1)}`;
    list.scrollIntoView({ block: "nearest" });
  }
  put(list, { role: "listbox", "aria-label": label });
  put(input, { "aria-controls": list.id });
  for (const [index, option] of [...list.querySelectorAll(".fjs-dropdownlist-item")].entries()) {
    option.id ||= `${list.id}-${index}`;
    const isFocused = option.classList.contains("focused");
    put(option, { role: "option", "aria-selected": String(isFocused) });
    if (isFocused) put(input, { "aria-activedescendant": option.id });
  }
}

function put(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
}
