// Fingers on the chart: one explores and taps to pin, two zoom and pan. One that sets out upwards or
// downwards scrolls the page: the style sheet leaves that to the browser, which then takes the touch
// away. Plotly would draw a zoom box with one finger and knows no second; so touches are caught before
// they reach it, and two fingers are passed on as what Plotly does know: turns of the mouse wheel.
// Needs live/chart.js.

const TAP_PIXELS = 10; // a fingertip that rests wanders this far
const TAP_TIME = 500; // milliseconds; longer is looking, not tapping
const WHEEL_MOST = 20; // Plotly counts at most this much of one turn, as e ^ (turn / 200)
const WHEEL_SCALE = 200;

function listenToFingers(chart, signal) {
  const touch = { start: null, moved: false, pinch: null, request: 0 };
  chart.touch = touch;
  const options = { signal, capture: true, passive: false };
  const on = (type, act) => chart.gd.addEventListener(type, (event) => {
    if (!touch.start && !(type === "touchstart" && startsOnMap(chart, event))) return;
    // No zoom box from Plotly, no mouse events made up afterwards; but while one finger is down the
    // browser decides by its way whether it scrolls, and it may only do so if nothing is refused.
    const mayScroll = type !== "touchend" && event.targetTouches.length === 1;
    if (!mayScroll && event.cancelable) event.preventDefault();
    event.stopPropagation();
    act(chart, touch, event);
  }, options);
  on("touchstart", fingerDown);
  on("touchmove", fingerMoves);
  on("touchend", fingerUp);
  on("touchcancel", fingerUp);
}

function startsOnMap(chart, event) {
  const { clientX, clientY } = event.changedTouches[0];
  return !overButtons(event) && pointAt(chart, clientX, clientY) !== null;
}

function fingerDown(chart, touch, event) {
  const fingers = [...event.targetTouches];
  if (fingers.length === 1) {
    const [{ clientX: x, clientY: y }] = fingers;
    Object.assign(touch, { start: { x, y, time: performance.now() }, moved: false, pinch: null });
    explore(chart, fingers[0]);
    return;
  }
  touch.moved = true; // what has been a pinch is not a tap any more
  touch.pinch = gripOf(fingers);
}

function fingerMoves(chart, touch, event) {
  const fingers = [...event.targetTouches];
  if (fingers.length > 1) {
    touch.latest = gripOf(fingers);
    touch.request ||= requestAnimationFrame(() => {
      touch.request = 0;
      if (touch.pinch) pinch(chart, touch.pinch, touch.latest);
      touch.pinch = touch.latest;
    });
    return;
  }
  if (touch.pinch) return; // one of two fingers has been lifted: wait for the other
  const [finger] = fingers;
  const { start } = touch;
  if (Math.hypot(finger.clientX - start.x, finger.clientY - start.y) > TAP_PIXELS)
    touch.moved = true;
  chart.pointer = [finger.clientX, finger.clientY];
  touch.request ||= requestAnimationFrame(() => {
    touch.request = 0;
    explore(chart, { clientX: chart.pointer[0], clientY: chart.pointer[1] });
  });
}

function fingerUp(chart, touch, event) {
  if (event.targetTouches.length > 0) return;
  const { start, moved } = touch;
  Object.assign(touch, { start: null, pinch: null });
  const tapped = event.type === "touchend" && !moved && performance.now() - start.time < TAP_TIME;
  const at = tapped && pointAt(chart, start.x, start.y);
  if (at) chart.act.pin(...at, "touch");
}

function explore(chart, { clientX, clientY }) {
  const at = pointAt(chart, clientX, clientY);
  if (at) chart.act.point(...at, "touch");
}

// ---- two fingers ---------------------------------------------------------------------------

function gripOf([a, b]) {
  return {
    x: (a.clientX + b.clientX) / 2,
    y: (a.clientY + b.clientY) / 2,
    apart: Math.max(1, Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY)),
  };
}

function pinch(chart, before, now) {
  const dx = now.x - before.x;
  const dy = now.y - before.y;
  if (Math.hypot(dx, dy) > 0.5) {
    // Zooming in round one place and out again round another moves the map; with one full turn
    // each, by 1 - 1/e^0.1 of the way between the two.
    const far = 1 / (1 - Math.exp(-WHEEL_MOST / WHEEL_SCALE));
    turnWheel(chart, before.x, before.y, -WHEEL_MOST);
    turnWheel(chart, before.x + far * dx, before.y + far * dy, WHEEL_MOST);
  }
  let rest = -WHEEL_SCALE * Math.log(now.apart / before.apart);
  while (Math.abs(rest) > 0.05) {
    const turn = Math.max(-WHEEL_MOST, Math.min(WHEEL_MOST, rest));
    turnWheel(chart, now.x, now.y, turn);
    rest -= turn;
  }
}

function turnWheel({ gd }, clientX, clientY, deltaY) {
  gd.querySelector(".nsewdrag")?.dispatchEvent(
    new WheelEvent("wheel", { clientX, clientY, deltaY, ctrlKey: true, cancelable: true }));
}
