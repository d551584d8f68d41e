// Two kinds of numbers that form-js asks for in a box: a rating from 1 to 5 is five stars to press, and a number that is only to be
// read is written as people write it. Everything else about numbers stays form-js'.
import { Errors, Label, Numberfield } from "@bpmn-io/form-js-viewer";

import { locale, t } from "../shared/texts.js";

const SCORES = [1, 2, 3, 4, 5];

const isRating = ({ validate = {}, decimalDigits = 0 }) => Number(validate.min) === 1 && Number(validate.max) === 5 && !decimalDigits;

function Stars({ field, value, onChange, errors, domId, disabled, readonly }) {
  const score = Number(value) || 0;
  const errorId = `${domId}-errors`;
  return (
    <div class={`fjs-form-field fjs-form-field-number ${errors.length ? "fjs-has-errors" : ""}`}>
      <Label id={`${domId}-label`} label={field.label} required={field.validate.required} />
      <div class="stars" role="radiogroup" aria-labelledby={`${domId}-label`} aria-describedby={errorId} aria-required={Boolean(field.validate.required)}>
        {SCORES.map((number) => (
          <label key={number} class={number <= score ? "lit" : ""}>
            <input
              type="radio"
              class="sr"
              name={domId}
              checked={number === score}
              aria-label={t("{count} of 5", { count: number })}
              disabled={disabled || readonly}
              onChange={() => onChange({ value: number })}
            />
            <span aria-hidden="true">{number <= score ? "★" : "☆"}</span>
          </label>
        ))}
      </div>
      <Errors id={errorId} errors={errors} />
    </div>
  );
}

function Written({ field, value, domId }) {
  const { prefixAdorner = "", suffixAdorner = "" } = field.appearance ?? {};
  const digits = { minimumFractionDigits: field.decimalDigits ?? 0, maximumFractionDigits: field.decimalDigits ?? 20 };
  const isEmpty = value === null || value === undefined || value === "";
  const text = isEmpty ? "–" : `${prefixAdorner}${new Intl.NumberFormat(locale, digits).format(value)} ${suffixAdorner}`;
  return (
    <div class="fjs-form-field fjs-form-field-number fjs-readonly">
      <Label id={`${domId}-label`} label={field.label} />
      <output id={domId} class="num" aria-labelledby={`${domId}-label`}>
        {text.trim()}
      </output>
    </div>
  );
}

function AnyNumber(props) {
  if (isRating(props.field)) return <Stars {...props} />;
  return props.readonly ? <Written {...props} /> : <Numberfield {...props} />;
}
AnyNumber.config = Numberfield.config;

function register(formFields) {
  formFields.register("number", AnyNumber);
}
register.$inject = ["formFields"];

export const Numbers = { __init__: ["numbers"], numbers: ["type", register] };
