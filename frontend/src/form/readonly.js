// A field that is only shown is not judged here: nobody could mend it. The server knows its value better anyway. Where it has none, it
// says so by a dash.
import { buildExpressionContext } from "@bpmn-io/form-js-viewer";

function spareReadOnly(validator, fields, language) {
  const judge = validator.validateFieldInstance.bind(validator);
  validator.validateFieldInstance = (instance, value) => {
    const { readonly, disabled } = fields.get(instance.id) ?? {};
    const shown = language.isExpression(readonly)
      ? language.evaluate(readonly, buildExpressionContext(instance.expressionContextInfo)) === true
      : readonly;
    return shown || disabled ? [] : judge(instance, value);
  };
}
spareReadOnly.$inject = ["validator", "formFieldRegistry", "expressionLanguage"];

/** Puts a dash where nothing is known, instead of "search" or nothing at all. */
export function dashEmpty(place) {
  for (const field of place.querySelectorAll(".fjs-readonly :is(textarea, input:not([type=checkbox], [type=radio], [type=file]))")) {
    if (field.placeholder !== "–") field.placeholder = "–";
  }
}

export const ReadOnly = { __init__: ["spareReadOnly"], spareReadOnly: ["type", spareReadOnly] };
