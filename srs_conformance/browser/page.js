// Plays one stream in this page and keeps, of each picture presented: when (ms), how many were presented so far, and
// the mean luma of each cell of the number in it (watermark.py); and from when to when the page itself stood still.
function srsConformanceWatch(player, url, columns, rows, cellHeight) {
  const saw = { pictures: [], events: [], late: [], error: "", began: performance.now() };
  const tick = 50;
  let due = performance.now() + tick;
  setInterval(() => {
    const now = performance.now();
    if (now - due > tick) saw.late.push([due - saw.began, now - saw.began]);
    due = now + tick;
  }, tick);
  const video = document.createElement("video");
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  video.muted = true;
  video.autoplay = true;
  document.body.appendChild(video);
  const levels = () => {
    const width = video.videoWidth, height = video.videoHeight;
    const strip = Math.ceil(height * rows / cellHeight);
    canvas.width = width;
    canvas.height = strip;
    context.drawImage(video, 0, 0, width, strip, 0, 0, width, strip);
    const data = context.getImageData(0, 0, width, strip).data;
    const found = [];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (const down of [0.3, 0.5, 0.7]) {
          for (const right of [0.3, 0.5, 0.7]) {
            const y = Math.floor(height / cellHeight * (row + down)), x = Math.floor(width / columns * (column + right));
            const at = (y * width + x) * 4;
            sum += 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
          }
        }
        found.push(Math.round(sum / 9));
      }
    }
    return found;
  };
  const presented = (now, metadata) => {
    saw.pictures.push([now - saw.began, metadata.presentedFrames, levels()]);
    video.requestVideoFrameCallback(presented);
  };
  video.requestVideoFrameCallback(presented);
  for (const name of ["waiting", "playing", "stalled", "ended", "error"]) {
    video.addEventListener(name, () => saw.events.push([performance.now() - saw.began, name]));
  }
  if (player === "mpegts.js") {
    const made = mpegts.createPlayer({ type: "flv", isLive: true, url: url });
    made.on(mpegts.Events.ERROR, (kind, detail, info) => { saw.error = `${kind}: ${detail} ${JSON.stringify(info)}`; });
    made.attachMediaElement(video);
    made.load();
    Promise.resolve(made.play()).catch((error) => saw.events.push([performance.now() - saw.began, String(error)]));
  } else {
    const made = new Hls();
    made.on(Hls.Events.ERROR, (event, data) => {
      saw.events.push([performance.now() - saw.began, `${data.type}: ${data.details}`]);
      if (data.fatal) saw.error = `${data.type}: ${data.details} ${data.response ? data.response.code : ""}`;
    });
    made.loadSource(url);
    made.attachMedia(video);
  }
  window.srsConformanceSight = () => {
    const dropped = video.getVideoPlaybackQuality().droppedVideoFrames;
    return { ...saw, dropped, until: performance.now() - saw.began };
  };
  return true;
}
