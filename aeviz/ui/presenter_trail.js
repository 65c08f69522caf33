// The pointer on a stage: a ring round it and a trail behind it, so that the last row can follow.

const TRAIL_TIME = 420; // milliseconds until a place is forgotten
const TRAIL_WIDTH = 9; // CSS pixels, at the pointer
const MARGIN = 2 * TRAIL_WIDTH; // round what is wiped, for the ends and the halo

function followPointer(host, signal) {
  const canvas = host.querySelector(".trail");
  const trail = {
    host, canvas, ring: host.querySelector(".ring"), context: canvas.getContext("2d"),
    places: [], drawn: null, request: 0,
    calm: matchMedia("(prefers-reduced-motion: reduce)"),
  };
  const fit = () => {
    // One pixel of the canvas to a CSS pixel: a trail is soft anyway, and a stage's screen large.
    Object.assign(canvas, { width: innerWidth, height: innerHeight });
    trail.drawn = null;
  };
  const options = { signal, passive: true, capture: true };
  fit();
  addEventListener("resize", fit, { signal });
  addEventListener("pointermove", (event) => moved(trail, event), options);
  addEventListener("pointerdown", (event) => {
    trail.ring.dataset.pressed = "1";
    moved(trail, event);
  }, options);
  for (const type of ["pointerup", "pointercancel"])
    addEventListener(type, ({ pointerType }) => {
      delete trail.ring.dataset.pressed;
      if (pointerType === "touch") trail.ring.hidden = true;
    }, options);
  document.documentElement.addEventListener("pointerleave", () => (trail.ring.hidden = true),
    { signal });
  signal.addEventListener("abort", () => cancelAnimationFrame(trail.request));
}

function moved(trail, { clientX: x, clientY: y }) {
  trail.ring.hidden = false;
  // Browsers also report moves that are none, whenever something changes under the pointer.
  if (x === trail.x && y === trail.y) return;
  Object.assign(trail, { x, y });
  trail.ring.style.transform = `translate(${x}px, ${y}px)`;
  if (trail.calm.matches) return;
  trail.places.push({ x, y, time: performance.now() });
  if (trail.request) return;
  // As two properties that every element has: in those the browser has chosen between light and
  // dark already.
  ({ color: trail.ink, outlineColor: trail.paper } = getComputedStyle(trail.canvas));
  trail.request = requestAnimationFrame((now) => drawTrail(trail, now));
}

// Only what was drawn last is wiped, and nothing runs once the pointer rests.
function drawTrail(trail, now) {
  const began = performance.now();
  const { context, drawn } = trail;
  trail.request = 0;
  trail.places = trail.places.filter(({ time }) => now - time < TRAIL_TIME);
  const { places } = trail;
  if (drawn) context.clearRect(...drawn);
  trail.drawn = null;
  if (!places.length) return;
  const [xs, ys] = [places.map(({ x }) => x), places.map(({ y }) => y)];
  const [left, top] = [Math.min(...xs) - MARGIN, Math.min(...ys) - MARGIN];
  trail.drawn = [left, top, Math.max(...xs) + MARGIN - left, Math.max(...ys) + MARGIN - top];
  context.lineCap = "round";
  for (const [colour, wider] of [[trail.paper, 4], [trail.ink, 0]]) {
    context.strokeStyle = colour;
    for (let i = 1; i < places.length; i++) {
      const left = Math.max(0, 1 - (now - places[i].time) / TRAIL_TIME);
      context.lineWidth = TRAIL_WIDTH * left + wider * left;
      context.globalAlpha = left;
      context.beginPath();
      context.moveTo(places[i - 1].x, places[i - 1].y);
      context.lineTo(places[i].x, places[i].y);
      context.stroke();
    }
  }
  context.globalAlpha = 1;
  trail.host.dataset.trailMs = (performance.now() - began).toFixed(2);
  trail.request = requestAnimationFrame((next) => drawTrail(trail, next));
}
