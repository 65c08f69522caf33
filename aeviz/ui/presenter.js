// Presenter mode in the browser: its keys, the words about them, and how it ends.
//
// What is drawn lies above the whole page, dialogs too, and not in the component's own place.
// Needs presenter_notes.js, presenter_trail.js, shell/component.js.

const HINT_TIME = 6000; // milliseconds a sentence stays
const AGAIN_TIME = 5000; // to press R a second time
const SETTLED = 300; // milliseconds after a window's last change of size
const LET_GO_AFTER = 250; // by then a list that was chosen from has given the focus back

// Keys belong to a field while somebody types in it ...
const TYPING = "input:not([type=checkbox], [type=radio], [type=range], [type=button]), textarea, "
  + "select, [contenteditable=''], [contenteditable=true], [role=combobox], [role=textbox], "
  + "[role=searchbox], [role=spinbutton]";
// ... and Escape to what is open.
const OPEN = "[role=dialog], [role=alertdialog], [role=menu], [role=listbox], "
  + "[data-testid=stPopoverBody], [data-testid=stDialog]";
const NOTHING = "html, body, [data-testid=stApp], [data-testid=stMain]";

const KEYS = (pages) => [
  [`1 – ${pages}`, "the pages, in their order"],
  ["Space", "play or pause what moves on the page"],
  ["T", "begin the tour, or go on with it"],
  ["→ or Page Down", "next stop of a tour"],
  ["← or Page Up", "the stop before"],
  ["N", "a second window with notes for the tour"],
  ["R, twice", "start over, for the next audience"],
  ["H or ?", "show or hide these keys"],
  ["Escape", "leave presenter mode"],
];

let mode = null; // there is one page, and one presenter mode on it

export default function ({ data: bytes, setStateValue, setTriggerValue }) {
  const data = unpacked(bytes);
  mode ??= begin(data.pages);
  if (!mode.host.isConnected) home().append(mode.host);
  mode.send = setTriggerValue;
  mode.tell = setStateValue;
  tellText(mode);
  mode.fresh = data.fresh;
  mode.notes = data.notes;
  Object.assign(mode, { stops: data.stops, stop: data.stop });
  if (mode.heading === data.stop) mode.heading = null;
  writeNotes(mode.window, data.notes);
  // Streamlit may run the clean-up of an overtaken call after the call that overtook it: only the
  // newest one may end the mode.
  const turn = ++mode.turn;
  return () => {
    if (mode && mode.turn === turn) end();
  };
}

function begin(pages) {
  const host = element("div", "aeviz-presenter");
  host.innerHTML = `
    <canvas class="trail" aria-hidden="true"></canvas>
    <div class="ring" aria-hidden="true" hidden></div>
    <p class="hint" role="status"></p>
    <div class="keys" role="group" aria-label="Keys of presenter mode" hidden>
      <dl>${KEYS(pages).map(([key, does]) => `<dt>${key}</dt><dd>${does}</dd>`).join("")}</dl>
      <button type="button" class="leave">Leave presenter mode</button>
    </div>
    <button type="button" class="ask" aria-label="Keys of presenter mode">?</button>`;
  home().append(host);
  const find = (name) => host.querySelector(name);
  const begun = {
    host, turn: 0, hint: find(".hint"), keys: find(".keys"), again: 0, hinting: 0, resizing: 0,
    text: 1, heading: null, listening: new AbortController(),
  };
  const { signal } = begun.listening;
  // What is open is asked for before the page hears of the key, and closes it.
  addEventListener("keydown", () => (begun.open = somethingOpen()), { signal, capture: true });
  document.addEventListener("keydown", (event) => pressed(begun, event), { signal });
  document.addEventListener("click", letGo, { signal });
  document.addEventListener("click", () => (begun.heading = null), { signal });
  find(".ask").addEventListener("click", () => toggleKeys(begun));
  find(".leave").addEventListener("click", () => leave(begun));
  // As large as the page's text, whatever makes that grow: the window, or a style sheet that comes
  // a little later than this.
  begun.watcher = new ResizeObserver(() => {
    clearTimeout(begun.resizing);
    begun.resizing = setTimeout(() => tellText(begun), SETTLED);
  });
  begun.watcher.observe(find(".ask"));
  followPointer(host, signal);
  say(begun, "Presenter mode. H shows its keys, Escape leaves it.");
  return begun;
}

// Where the page's theme still holds, which the body knows nothing of.
const home = () => document.querySelector("[data-testid=stApp]");

function end() {
  if (!mode) return;
  mode.listening.abort();
  mode.watcher.disconnect();
  clearTimeout(mode.hinting);
  clearTimeout(mode.resizing);
  mode.window?.close();
  mode.host.remove();
  mode = null;
}

// ---- keys ----------------------------------------------------------------------------------

function pressed(begun, event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const target = event.composedPath()[0];
  const typing = target.matches?.(TYPING);
  if (event.key === "Escape") return escape(begun, target, typing);
  if (event.defaultPrevented || typing || begun.open) return;
  const done = act(begun, event, target);
  if (!done) return;
  event.preventDefault();
  if (begun.again && event.key.toLowerCase() !== "r") forgetAgain(begun);
}

// Whether the key meant something here.
function act(begun, { key, repeat }, target) {
  const free = target.matches?.(NOTHING) || target.closest?.("[class*=st-key-tour_]");
  if (key === "PageDown" || (key === "ArrowRight" && free)) return walk(begun, 1);
  if (key === "PageUp" || (key === "ArrowLeft" && free)) return walk(begun, -1);
  const does = {
    " ": free && play, h: toggleKeys, "?": toggleKeys, n: showNotes, r: startOver, t: tour,
  }[key.toLowerCase()] ?? (/^[1-9]$/.test(key) && turnTo);
  if (repeat || !does) return false;
  does(begun, Number(key)); // a page is the number on its key
  return true;
}

function escape(begun, target, typing) {
  if (!begun.keys.hidden) toggleKeys(begun);
  else if (begun.again) forgetAgain(begun);
  else if (begun.open) return;
  else if (typing) target.blur();
  else leave(begun);
}

function turnTo(begun, page) {
  begun.heading = null;
  begun.send("page", page);
}

const leave = (begun) => begun.send("leave", true);

const tour = (begun) => begun.send("tour", true);

// By stops in a tour, where there is one: the page scrolls by these keys where there is none. A stop
// is asked for by its name, counted from the one that was asked for last: of quick presses that
// come while a stop still opens only the last is heard, and it means them all.
function walk(begun, step) {
  const next = begun.stops.indexOf(begun.heading ?? begun.stop) + step;
  if (begun.stop && next in begun.stops) {
    const stop = (begun.heading = begun.stops[next]);
    askUntil(() => begun.heading !== stop || begun !== mode, () => begun.send("stop", stop));
    return true;
  }
  // Begin before the first, Finish after the last; a disabled one does nothing.
  const button = document.querySelector(`.st-key-tour_${step > 0 ? "next" : "back"} button`);
  if (button && !begun.heading) button.click();
  return Boolean(button);
}

const somethingOpen = () =>
  [...document.querySelectorAll(OPEN)].some((one) => one.checkVisibility())
  || roots().some((root) => root.querySelector("details.save[open]"));

const roots = () => [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")]
  .map((one) => one.shadowRoot).filter(Boolean);

// ---- what moves ----------------------------------------------------------------------------

// A film, the walk of a decoder, a training: what plays is paused, else the first one plays.
function play(begun) {
  const buttons = () => roots().flatMap((root) => [...root.querySelectorAll("button.play")])
    .filter((button) => button.checkVisibility());
  const runs = (button) => button.textContent === "Pause";
  let found = buttons();
  if (!found.length) {
    roots().map((root) => root.querySelector("[data-tab=walk]"))
      .find((tab) => tab?.checkVisibility())?.click();
    found = buttons();
  }
  const button = found.find(runs) ?? found[0]
    ?? document.querySelector(":is(.st-key-pause, .st-key-resume) button");
  if (button) button.click();
  else say(begun, "Nothing on this page plays.");
}

// ---- starting over -------------------------------------------------------------------------

// By opening the page anew: nothing that anybody did to it is left then, in Python or here.
function startOver(begun) {
  if (!begun.again) {
    say(begun, "Press R again to start over. Any other key keeps everything.", AGAIN_TIME);
    begun.again = setTimeout(() => forgetAgain(begun), AGAIN_TIME);
    return;
  }
  forgetAgain(begun);
  location.assign(`${location.pathname}?${begun.fresh}`);
}

function forgetAgain(begun) {
  clearTimeout(begun.again);
  begun.again = 0;
  say(begun, "");
}

// ---- size ----------------------------------------------------------------------------------

// Some widths are set in pixels, by Python: it is told how large the text is.
function tellText(begun) {
  const scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const rounded = Math.round(100 * scale) / 100;
  if (rounded === begun.text) return;
  begun.text = rounded;
  begun.tell("text", rounded);
}

// ---- words ---------------------------------------------------------------------------------

function say(begun, words, time = HINT_TIME) {
  clearTimeout(begun.hinting);
  begun.hint.textContent = words;
  if (words) begun.hinting = setTimeout(() => (begun.hint.textContent = ""), time);
}

function showNotes(begun) {
  begun.window = openNotes(begun.notes);
  if (!begun.window) say(begun, "The browser did not allow a second window.");
}

function toggleKeys(begun) {
  begun.keys.hidden = !begun.keys.hidden;
  say(begun, "");
}

// A click leaves the focus where it was made, and the next key would be that button's. Whoever
// comes by the keyboard keeps it.
function letGo(event) {
  if (!event.detail || event.composedPath()[0].matches?.(TYPING)) return;
  setTimeout(() => {
    let focused = document.activeElement;
    while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
    if (!focused || focused.closest(OPEN) || focused.ariaExpanded === "true") return;
    focused.blur();
  }, LET_GO_AFTER);
}
