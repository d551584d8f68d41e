// The page has one primary button, in its own place; buttons inside a form would be a second one.
function Nothing() {
  return null;
}
Nothing.config = { type: "button", keyed: false, escapeGridRender: false, create: (options = {}) => ({ ...options }) };

function register(formFields) {
  formFields.register("button", Nothing);
}
register.$inject = ["formFields"];

export const NoButton = { __init__: ["noButton"], noButton: ["type", register] };
