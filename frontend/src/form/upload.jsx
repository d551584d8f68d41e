// The file field: a phone offers its camera, a desk its folders; each file goes up at once and the form holds references.
import { Description, Errors, FormContext, Label } from "@bpmn-io/form-js-viewer";
import { useContext, useState } from "preact/hooks";

import { send } from "../shared/http.js";
import { t } from "../shared/texts.js";
import { shrink } from "./shrink.js";

/** The module that replaces form-js' own file picker; `url` takes a file, `files` is where stored ones are read. */
export function withUploads(url, files) {
  function FileField(props) {
    return <Upload {...props} url={url} files={files} />;
  }
  FileField.config = {
    type: "filepicker",
    keyed: true,
    label: "File picker",
    group: "basic-input",
    emptyValue: null,
    create: (options = {}) => ({ ...options }),
  };
  function register(formFields) {
    formFields.register("filepicker", FileField);
  }
  register.$inject = ["formFields"];
  return { __init__: ["uploads"], uploads: ["type", register] };
}

function Upload({ field, value, onChange, errors, domId, disabled, readonly, url, files }) {
  const { formId } = useContext(FormContext);
  const [going, setGoing] = useState([]);
  const [refused, setRefused] = useState([]);
  const { label, description, accept = "", multiple, validate = {} } = field;
  const stored = Array.isArray(value) ? value : [];
  const locked = disabled || readonly;
  const errorId = `${domId}-errors`;

  async function choose(event) {
    const chosen = [...event.target.files];
    event.target.value = "";
    setRefused([]);
    let kept = multiple ? stored : [];
    for (const file of chosen) {
      setGoing((names) => [...names, file.name]);
      const sent = await shrink(file);
      const answer = await put(url, sent);
      setGoing((names) => names.filter((name) => name !== file.name));
      if (answer.file) {
        previews.set(answer.file.file, URL.createObjectURL(sent));
        kept = [...kept, answer.file];
        onChange({ value: kept });
      } else {
        setRefused((all) => [...all, `${file.name}: ${answer.message}`]);
      }
    }
  }
  const drop = (gone) => {
    const left = stored.filter((file) => file !== gone);
    onChange({ value: left.length ? left : null });
  };
  const problems = [...errors, ...refused];
  return (
    <div class={`fjs-form-field fjs-form-field-filepicker ${problems.length ? "fjs-has-errors" : ""}`}>
      <Label htmlFor={domId} label={label} required={validate.required} />
      <div class="uploads">
        {stored.map((file) => (
          <span class="upload" key={file.file}>
            <a href={address(files, file)} target="_blank" rel="noopener">
              {isImage(file) && address(files, file) ? <img src={address(files, file)} alt={nameOf(file)} /> : <span class="name">{nameOf(file)}</span>}
            </a>
            {!locked && (
              <button type="button" title={t("Remove {name}", { name: nameOf(file) })} onClick={() => drop(file)}>
                <span aria-hidden="true">×</span>
                <span class="sr">{t("Remove {name}", { name: nameOf(file) })}</span>
              </button>
            )}
          </span>
        ))}
        {going.map((name) => (
          <span class="upload going" key={name} role="status">
            <span class="name">{name}</span>
          </span>
        ))}
        {!locked && (multiple || !stored.length) && (
          <label class="upload add">
            <input
              id={domId}
              class="sr"
              type="file"
              accept={asksPhotos(accept) ? "image/*" : accept || undefined}
              multiple={Boolean(multiple)}
              aria-invalid={problems.length > 0}
              aria-describedby={errorId}
              onChange={choose}
            />
            <span aria-hidden="true" class="plus">
              +
            </span>
            <span>{asksPhotos(accept) ? t("Add photo") : t("Add file")}</span>
          </label>
        )}
      </div>
      <Description description={description} id={`${formId}-${field.id}-description`} />
      <Errors id={errorId} errors={problems} />
    </div>
  );
}

const previews = new Map(); // of what was sent from this page: who reports without an account may not read it back

const address = (files, { file }) => previews.get(file) ?? (files ? `${files}/${file}` : undefined);
// telephones offer their camera for pictures of any kind, and not for a list of endings; which endings go, the server says
const asksPhotos = (accept) => accept !== "" && accept.split(",").every((kind) => /image|jpe?g|png|webp|hei[cf]|gif/.test(kind));
const isImage = (file) => String(file.type ?? "").startsWith("image/");
const nameOf = (file) => file.name ?? t("File");

/** Sends one file; gives `{file}` or `{message}`. Tries twice more when the network is at fault. */
async function put(url, file) {
  for (let tries = 0; tries < 3; tries += 1) {
    const form = new FormData();
    form.append("file", file, file.name);
    const { status, body } = await send(url, form);
    if (status === 201) return { file: body };
    if (status !== 0) return { message: body.problems?.[0]?.message ?? body.message ?? t("could not be sent; try again") };
    await new Promise((resolve) => setTimeout(resolve, 1000 * (tries + 1)));
  }
  return { message: t("could not be sent; try again") };
}
