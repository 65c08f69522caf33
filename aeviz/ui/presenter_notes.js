// Notes for whoever speaks, in a window of their own: for the screen that the room does not see.

const NOTES_STYLE = `
  :root { color-scheme: light dark; font: 1.4rem/1.5 system-ui, sans-serif; }
  body { max-width: 40rem; margin: 1.5rem auto; padding: 0 1.5rem; }
  h1 { font-size: 1.6rem; line-height: 1.3; }
`;

// notes: { title, words: [paragraph, ...] }, or null while there is no tour.
function openNotes(notes) {
  const opened = window.open("", "aeviz-notes", "popup,width=760,height=620");
  if (opened) writeNotes(opened, notes);
  return opened;
}

function writeNotes(opened, notes) {
  if (!opened || opened.closed) return;
  const page = opened.document;
  const piece = (name, text) => Object.assign(page.createElement(name), { textContent: text });
  const title = notes ? notes.title : "Notes";
  const words = notes ? notes.words : ["There are notes for every stop of the tour."];
  page.title = title;
  page.documentElement.lang = "en";
  page.head.replaceChildren(piece("title", title), piece("style", NOTES_STYLE));
  page.body.replaceChildren(piece("h1", title), ...words.map((text) => piece("p", text)));
}
