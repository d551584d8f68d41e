// A number from 1 to 5 is a rating: five stars to press instead of a box to type in. Everything else about numbers stays form-js'.
import { Errors, Label, Numberfield } from "@bpmn-io/form-js-viewer";

import { t } from "../shared/texts.js";

const SCORES = [1, 2, 3, 4, 5];

const isRating = ({ validate = {}, decimalDigits = 0 }) => Number(validate.min) === 1 && Number(validate.max) === 5 && !decimalDigits;

function Stars({ field, value, onChange, errors, domId, disabled, readonly }) {
  const score = Number(value) || 0;
  const errorId = `${domId}-errors`;
  return (
    <div class={`fjs-form-field fjs-form-field-number ${errors.length ? "fjs-has-errors" : ""}`}>
      <Label id={`${domId}-label`} label={field.label} required={field.validate.required} />
      <div class="stars" role="radiogroup" aria-labelledby={`${domId}-label`} aria-describedby={errorId}>
        {SCORES.map((number) => (
          <button
            key={number}
            type="button"
            role="radio"
            class={number <= score ? "lit" : ""}
            aria-checked={number === score}
            aria-label={t("{count} of 5", { count: number })}
            disabled={disabled || readonly}
            onClick={() => onChange({ value: number })}
          >
            ★
          </button>
        ))}
      </div>
      <Errors id={errorId} errors={errors} />
    </div>
  );
}

function Score(props) {
  return isRating(props.field) ? <Stars {...props} /> : <Numberfield {...props} />;
}
Score.config = Numberfield.config;

function register(formFields) {
  formFields.register("number", Score);
}
register.$inject = ["formFields"];

export const StarRating = { __init__: ["starRating"], starRating: ["type", register] };
