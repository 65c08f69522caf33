// Light: a drawing or a photo as a picture in colour. Plain functions; "light" is side x side pixels
// row by row, three numbers each, red, green and blue, 0..1.
// Needs live/ink.js.

// A sheet's pixels (red, green, blue, alpha bytes, nothing clear), shrunk to side x side.
function lightOf(rgba, size, side) {
  const out = new Float32Array(3 * side * side);
  const one = new Float32Array(size * size);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < one.length; i++) one[i] = rgba[4 * i + c] / 255;
    shrunkInk(one, size, side).forEach((v, i) => (out[3 * i + c] = v));
  }
  return out;
}

// A picture of light as a square canvas of this size.
function sheetOfLight(picture, side, size) {
  const small = new OffscreenCanvas(side, side);
  const image = new ImageData(side, side);
  const level = (v) => Math.round(255 * Math.min(1, Math.max(0, v)));
  for (let i = 0; i < side * side; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = level(picture[3 * i + c]);
    image.data[4 * i + 3] = 255;
  }
  small.getContext("2d").putImageData(image, 0, 0);
  return sheetOf(small, size);
}

// The largest square in the middle of a canvas or photo, on white where it is clear.
function sheetOf(source, size) {
  const sheet = new OffscreenCanvas(size, size);
  const context = sheet.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#fff";
  context.fillRect(0, 0, size, size);
  const square = Math.min(source.width, source.height);
  const [x, y] = [(source.width - square) / 2, (source.height - square) / 2];
  context.drawImage(source, x, y, square, square, 0, 0, size, size);
  return sheet;
}

// An image file as { sheet } in its own colours, or { problem } in one sentence.
async function sheetInColour(file, size) {
  const { photo, problem } = await openedPhoto(file);
  if (problem) return { problem };
  const sheet = sheetOf(photo, size);
  photo.close();
  return { sheet };
}

// What lies round a picture: the mean of its corners, as a field for a colour takes it.
function groundOf(picture, side) {
  const last = side - 1;
  const corners = [0, last, last * side, last * side + last];
  const level = (c) => corners.reduce((sum, i) => sum + picture[3 * i + c], 0) / corners.length;
  const hex = (c) => Math.round(255 * Math.min(1, Math.max(0, level(c)))).toString(16);
  return `#${[0, 1, 2].map((c) => hex(c).padStart(2, "0")).join("")}`;
}
