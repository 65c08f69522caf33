// Hands a packed model to whoever on the page draws with it. An element of its own, because
// Streamlit sends an element anew whenever anything in it changes: this one changes with the model
// only, so that a pin or a tab costs a few hundred bytes and not megabytes.
//
// The two meet through events on the document: "aeviz-model-here" says that a model has come,
// "aeviz-model-wanted" asks whether one is there. Nothing global is left when the page changes.
// Needs shell/component.js.

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".model");
  const { key } = unpacked(data, { arrays: false });
  place.dataset.model = key;
  const give = ({ detail }) => {
    if (detail.key === key) detail.take(data);
  };
  document.addEventListener("aeviz-model-wanted", give);
  document.dispatchEvent(new CustomEvent("aeviz-model-here", { detail: { key, bytes: data } }));
  return () => document.removeEventListener("aeviz-model-wanted", give);
}
