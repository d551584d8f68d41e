// Where somebody is: a text field that asks for the browser's position, or for a code that the camera can read. Nothing is asked of the
// browser before a button is pressed; whether the place is right, the server says.
import { Description, Errors, Label, Textfield } from "@bpmn-io/form-js-viewer";
import { useEffect, useState } from "preact/hooks";

import { t } from "../shared/texts.js";
import { canScan, codeIn, scan } from "./scan.js";

const PATIENCE_MS = 20_000;
const DENIED = 1; // GeolocationPositionError.PERMISSION_DENIED

const Picture = ({ icon }) => (
  <svg class="icon" aria-hidden="true">
    <use href={`${document.body.dataset.icons}#${icon}`} />
  </svg>
);

function Position({ field, value, onChange, errors, domId, disabled, readonly }) {
  const [asking, setAsking] = useState(false);
  const [failed, setFailed] = useState("");
  const locked = disabled || readonly;
  const isKept = typeof value === "object" && value !== null; // what the server made of it, at an earlier time
  useEffect(() => {
    if (isKept && !locked) onChange({ value: "" });
  }, []);

  async function take() {
    setAsking(true);
    setFailed("");
    try {
      onChange({ value: await here() });
    } catch (error) {
      onChange({ value: "" });
      setFailed(error.message);
    }
    setAsking(false);
  }
  const problems = failed ? [failed] : errors;
  const [, exact] = /;u=(\d+)$/.exec(isKept ? "" : (value ?? "")) ?? [];
  return (
    <div class={`fjs-form-field fjs-form-field-textfield ${problems.length ? "fjs-has-errors" : ""}`}>
      <Label id={`${domId}-label`} label={field.label} required={field.validate?.required} />
      <div class="place" role="group" aria-labelledby={`${domId}-label`}>
        {!locked && (
          <button id={domId} type="button" class="button" disabled={asking} aria-describedby={`${domId}-errors`} onClick={take}>
            <Picture icon="current-location" />
            {asking ? t("Looking for your position") : exact ? t("Take it again") : t("Use my position")}
          </button>
        )}
        <output id={locked ? domId : undefined} aria-live="polite">
          {exact && !asking && [<Picture icon="circle-check" />, t("Position taken, exact to {count} m", { count: exact })]}
          {locked && (isKept && value.distance_m !== undefined ? t("{count} m from the place", { count: value.distance_m }) : "–")}
        </output>
      </div>
      <Description description={field.description} id={`${domId}-description`} />
      <Errors id={`${domId}-errors`} errors={problems} />
    </div>
  );
}

/** Gives the position as a `geo:` URI (RFC 5870), or throws what to do without one. */
async function here() {
  if (!navigator.geolocation) throw new Error(t("This browser gives no position. Use the code instead."));
  try {
    const { coords } = await new Promise((resolve, reject) => {
      navigator.geolocation.getCurrentPosition(resolve, reject, { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 0 });
    });
    return `geo:${coords.latitude.toFixed(6)},${coords.longitude.toFixed(6)};u=${Math.ceil(coords.accuracy)}`;
  } catch (error) {
    if (error.code === DENIED) throw new Error(t("The browser may not tell your position. Allow it in its settings, or use the code."));
    throw new Error(t("No position was found. Step outside and try again, or use the code."));
  }
}

function Code({ field, value, onChange, errors, domId, disabled, readonly }) {
  const [failed, setFailed] = useState("");
  const locked = disabled || readonly;
  const problems = failed ? [failed] : errors;
  const write = (text) => {
    setFailed("");
    onChange({ value: text });
  };
  async function read() {
    try {
      const found = await scan(t("Point the camera at the code"));
      if (found) write(codeIn(found));
    } catch {
      setFailed(t("The camera cannot be used here. Type the code instead."));
    }
  }
  return (
    <div class={`fjs-form-field fjs-form-field-textfield ${problems.length ? "fjs-has-errors" : ""}`}>
      <Label htmlFor={domId} label={field.label} required={field.validate?.required} />
      <div class="place">
        <div class="fjs-input-group">
          <input
            id={domId}
            class="fjs-input"
            type="text"
            value={value ?? ""}
            disabled={disabled}
            readOnly={readonly}
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            aria-invalid={problems.length > 0}
            aria-describedby={`${domId}-errors`}
            onInput={(event) => write(event.target.value)}
          />
        </div>
        {!locked && canScan() && (
          <button type="button" class="button" onClick={read}>
            <Picture icon="scan" />
            {t("Scan")}
          </button>
        )}
      </div>
      <Description description={field.description} id={`${domId}-description`} />
      <Errors id={`${domId}-errors`} errors={problems} />
    </div>
  );
}

const KINDS = { position: Position, code: Code };

function AnyText(props) {
  const Kind = KINDS[props.field.properties?.input] ?? Textfield;
  return <Kind {...props} />;
}
AnyText.config = {
  ...Textfield.config,
  sanitizeValue: (given) => (given.formField?.properties?.input === "position" ? given.value : Textfield.config.sanitizeValue(given)),
};

function register(formFields) {
  formFields.register("textfield", AnyText);
}
register.$inject = ["formFields"];

export const Places = { __init__: ["places"], places: ["type", register] };
