// The browser's history: an entry a page and a stop of the tour, and none for what a page puts into
// its address. Streamlit adds one at every change of the address.
// Needs shell/component.js.

export default function (component) {
  return keepOnPage(component, "span", mountHistory, (view, before) => {
    // The same value would not be sent twice.
    if (!before) askUntil(() => view.data.kept || !view.turn, () => view.send("kept", ++view.asked));
  });
}

function mountHistory() {
  // acted: the address at the visitor's last act; null once that has had its entry.
  const view = { acted: null, asked: 0, listening: new AbortController() };
  const options = { signal: view.listening.signal, capture: true };
  for (const act of ["pointerdown", "keydown", "click"])
    addEventListener(act, () => (view.acted = location.href), options);
  addEventListener("popstate", () => (view.acted = null), options);
  addEventListener("click", closeDrawer, { signal: view.listening.signal });
  history.pushState = (...entry) => addEntry(view, ...entry);
  view.end = () => {
    view.listening.abort();
    delete history.pushState;
  };
  return view;
}

// On a phone the pages are in a drawer over the page, which Streamlit leaves open.
function closeDrawer({ target }) {
  if (!target.closest?.('[data-testid="stSidebarNavLink"]')) return;
  document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
}

function addEntry(view, state, title, url) {
  // stop: the name of the parameter that says the stop.
  const placeOf = ({ pathname, search }) =>
    `${pathname} ${new URLSearchParams(search).get(view.data.stop)}`;
  if (view.acted === null || placeOf(new URL(url, location.href)) === placeOf(location))
    return history.replaceState(state, title, url);
  // On its way to another page Streamlit may have written that one's parameters into this entry.
  history.replaceState(history.state, title, view.acted);
  view.acted = null;
  History.prototype.pushState.call(history, state, title, url);
}
