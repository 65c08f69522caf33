// A stand-in for the picture of a chart. Streamlit takes a chart down to draw another in its place,
// and without it the page would flash white for a tenth of a second at every zoom.
// Needs live/chart.js, shell/component.js.

const LONGEST_STILL = 2000; // should no chart come

// Remembers the chart's picture and its place. Asked for at every change, since Plotly has emptied a
// chart by the time it is seen to be gone.
function noteStill(chart) {
  const image = chart.gd.querySelector("image");
  const home = homeOf(chart.name)?.getBoundingClientRect();
  chart.still = null;
  if (!image || !home) return;
  const area = plotArea(chart);
  const drawn = image.getBoundingClientRect();
  const boxOf = ({ left, top, width, height }, from) => ({
    position: "absolute", left: `${left - from.left}px`, top: `${top - from.top}px`,
    width: `${width}px`, height: `${height}px`,
  });
  chart.still = {
    source: image.getAttribute("href"), area: boxOf(area, home), picture: boxOf(drawn, area),
    rendering: getComputedStyle(image).imageRendering,
  };
}

// A chart that is about to be taken down may be hidden first; a new one has a picture to unpack.
function watchForStill(chart) {
  const { gd } = chart;
  chart.hiding = new ResizeObserver(() => {
    if (!gd.offsetWidth) showStill(chart);
  });
  chart.hiding.observe(gd);
  if (!chart.stillHost) return;
  const image = new Image();
  image.src = gd.querySelector("image")?.getAttribute("href") ?? "";
  const end = () => requestAnimationFrame(() => requestAnimationFrame(() => endStill(chart)));
  image.decode().then(end, end);
}

function showStill(chart) {
  const home = homeOf(chart.name);
  if (!chart.still || !home || chart.stillHost) return;
  const { source, area, picture, rendering } = chart.still;
  const image = Object.assign(element("img"), { src: source, alt: "" });
  Object.assign(image.style, { ...picture, maxWidth: "none", imageRendering: rendering });
  chart.stillHost = element("div", "", image);
  Object.assign(chart.stillHost.style, { ...area, overflow: "hidden", pointerEvents: "none" });
  home.append(chart.stillHost);
  chart.stillTimer = setTimeout(() => endStill(chart), LONGEST_STILL);
}

function endStill(chart) {
  clearTimeout(chart.stillTimer);
  chart.stillHost?.remove();
  chart.stillHost = null;
}
