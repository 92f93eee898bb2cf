// The painting half of the review screen; joined to screen.js before it is sent to the browser.

// --- painting --------------------------------------------------------------------------------

function paint() {
  const { words: w, event, progress, message } = now.data;
  const isNew = event?.id !== now.event?.id || event?.media !== now.event?.media || event === null;
  const signed = `${now.data.language} ${now.data.person}`;
  const isSigned = now.signed !== null && now.signed !== signed;  // just now, in the sidebar
  now.signed = signed;
  now.event = event;
  if (isNew) { now.count = null; now.opened.clear(); now.frame = event?.first ?? 0; now.isSeen = false; }
  say("progress", progress.text);
  $("bar").style.width = `${progress.share * 100}%`;
  say("person", now.data.person);
  say("message", message);
  $("message").classList.toggle("warning", now.data.isWarning);
  say("machineTitle", w.machine);
  say("decisionTitle", w.decision);
  say("countTitle", w.count);
  $("search").placeholder = w.search;
  $("digits").replaceChildren(make("kbd", "", "0 – 9"));
  paintActs();
  paintHelp();
  $("empty").hidden = event !== null;
  $("desk").classList.toggle("done", event === null);
  $("desk").classList.toggle("uncalled", event?.call.type === "unclassified");
  say("emptyTitle", w.all_done);
  say("emptyText", w.all_done_hint);
  paintEvent();
  if (event) { paintStrip(); showFrame(now.frame); } else clear();
  fetchAhead();
  if (document.activeElement === document.body || isNew || isSigned) $("desk").focus({ preventScroll: true });
}

function paintEvent() {
  const w = now.data.words, event = now.event;
  say("place", event?.place ?? "");
  say("placeMore", event?.placeMore ?? "");
  // The name as well: a person must see what a confirmation would record.
  say("callName", event ? [w[event.call.type], event.call.name].filter(Boolean).join(" · ") : "");
  say("callScore", percent(event?.call.score));
  say("model", event?.call.model ?? "");
  say("questions", event?.questions ?? "");
  say("neighbours", event?.neighbours ?? "");
  tone($("dot"), event?.call.type);
  const review = event?.review;
  $("decision").replaceChildren(...(review
    ? [...review.findings.map((f) => make("p", "finding", [
        make("b", "", f.name), f.latin && make("em", "", f.latin), f.count && make("span", "", ` × ${f.count}`),
      ])), make("p", "quiet", review.by), event.newMedia && make("p", "warning", event.newMedia)].filter(Boolean)
    : [make("p", "quiet", event ? w.not_reviewed : "")]));
  paintCount();
}

function paintCount() {
  say("count", String(shownCount() ?? ""));
  $("count").classList.toggle("given", now.count !== null);
}

function shownCount() {  // what is recorded is what was shown; without an event nothing is
  return now.event ? now.count ?? now.event.proposed[now.event.call.type] ?? 1 : null;
}

function paintActs() {
  for (const [place, acts] of [["acts", ACTS], ["moves", MOVES]]) {
    $(place).replaceChildren(...acts.map(([act, hint]) => {
      const button = make("button", act === "confirm" ? "main" : "", [
        make("span", "", now.data.words["act_" + act]), make("kbd", "", hint),
      ]);
      button.type = "button";
      button.id = "act-" + act;
      button.tabIndex = -1;
      button.onmousedown = (click) => click.preventDefault();  // the keyboard stays where it was
      button.onclick = () => press(act);
      return button;
    }));
  }
}

function paintHelp() {
  const w = now.data.words;
  $("help").replaceChildren(
    make("h3", "", w.help),
    ...HELP.flatMap(([keys, name]) => [
      make("div", "keys", keys.split(" ").map((key) => key === "–" ? key : make("kbd", "", key))),
      make("span", "", w["help_" + name]),
    ]),
    make("p", "quiet", w.help_close),
  );
}

function paintStrip() {
  const frames = now.event.frames;
  $("strip").hidden = frames.length < 2;
  $("strip").replaceChildren(...frames.map((frame, number) => {
    const strongest = frame.boxes[0]?.type;
    const picture = make("img");
    picture.loading = "lazy";
    picture.alt = "";
    picture.classList.toggle("blurred", frame.isRestricted);
    picture.src = `picture/${frame.id}/${frame.isRestricted ? "blurred" : "small"}`;
    const button = make("button", "", [picture, frame.kind === "film" && make("b", "", "▶"), strongest && tone(make("i"), strongest)]);
    button.type = "button";
    button.tabIndex = -1;
    button.onmousedown = (click) => click.preventDefault();
    button.onclick = () => showFrame(number);
    return button;
  }));
}

function showFrame(number) {
  now.frame = number;
  paintFrame();
  const buttons = [...$("strip").children];
  buttons.forEach((button, place) => button.classList.toggle("now", place === number));
  buttons[number]?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function paintFrame() {
  const w = now.data.words, event = now.event, frame = event?.frames[now.frame];
  const isOpen = frame && (!frame.isRestricted || now.opened.has(frame.id));
  say("time", frame?.time ?? "");
  say("temperature", frame?.temperature ?? "");
  say("frame", event && event.frames.length > 1 ? `${now.frame + 1} / ${event.frames.length}` : "");
  $("veil").hidden = !frame?.isRestricted;
  if (frame) $("veil").replaceChildren(isOpen ? w.hide : `${w.restricted} · ${w.show}`, " ", make("kbd", "", "r"));
  const isFilm = frame?.kind === "film";
  const playsFilm = isFilm && isOpen;
  $("film").hidden = !playsFilm;
  $("photo").hidden = isFilm || !frame;
  note(!frame ? [w.no_picture, ""] : isFilm && !playsFilm ? [w.film_closed, filmPath(frame)] : null);
  const film = playsFilm ? `film/${frame.id}/${frame.isRestricted ? "opened" : "clear"}` : "";
  if (!film) $("film").removeAttribute("src");
  else if ($("film").getAttribute("src") !== film) {
    $("film").preload = frame.isFetchedAtOnce ? "metadata" : "none";
    $("film").poster = `picture/${film.slice(5)}`;
    $("film").setAttribute("src", film);
  }
  $("boxes").replaceChildren();
  if (isFilm || !frame) return finished(event?.id ?? "");
  const wish = !frame.isRestricted ? "clear" : isOpen ? "opened" : "blurred";
  $("photo").classList.toggle("blurred", wish === "blurred");
  const source = `picture/${frame.id}/${wish}`;
  if ($("photo").getAttribute("src") === source && $("photo").complete) return seen();
  $("photo").setAttribute("src", source);
}

function seen() {
  if (!$("photo").naturalWidth) return unseen();
  paintBoxes();
  const id = now.event?.id ?? "";
  requestAnimationFrame(() => finished(id));
}

function unseen() {
  const frame = now.event?.frames[now.frame];
  $("photo").hidden = true;
  if (frame) note([now.data.words.no_picture, `${frame.name} · ${now.data.words.kept}`]);
  finished(now.event?.id ?? "");
}

function unplayed() {  // a film of a kind this browser does not know, or a damaged one
  const frame = now.event?.frames[now.frame];
  if (frame?.kind !== "film" || !$("film").hasAttribute("src")) return;
  $("film").hidden = true;
  note([now.data.words.no_film, filmPath(frame)]);
}

function filmPath(frame) { return `${frame.name} · ${frame.path}`; }

function clear() {
  $("strip").replaceChildren();
  paintFrame();
  finished("");
}

function finished(id) {  // the event is before the reviewer's eyes: acts are open
  now.isSeen = true;
  $("desk").dataset.painted = id;
  $("desk").dataset.serial = now.data.serial;
}

function paintBoxes() {
  const boxes = now.showsBoxes ? now.event?.frames[now.frame]?.boxes ?? [] : [];
  $("boxes").replaceChildren(...boxes.map(({ type, score, at: [x, y, width, height] }) => {
    const label = make("span", "", `${now.data.words[type] ?? type} ${percent(score)}`);
    const box = tone(make("div", `box${y < 0.06 ? " low" : ""}${x > 0.8 ? " right" : ""}`, [label]), type);
    Object.assign(box.style, {
      left: `${x * 100}%`, top: `${y * 100}%`, width: `${width * 100}%`, height: `${height * 100}%`,
    });
    return box;
  }));
  placeBoxes();
}

function placeBoxes() {  // over the picture itself, not over the bars beside it
  const photo = $("photo"), ground = $("picture");
  if (!photo.naturalWidth) return;
  const scale = Math.min(ground.clientWidth / photo.naturalWidth, ground.clientHeight / photo.naturalHeight);
  const width = photo.naturalWidth * scale, height = photo.naturalHeight * scale;
  Object.assign($("boxes").style, {
    width: `${width}px`, height: `${height}px`,
    left: `${(ground.clientWidth - width) / 2}px`, top: `${(ground.clientHeight - height) / 2}px`,
  });
}

function fetchAhead() {
  now.ahead = now.data.ahead.map(({ id, isRestricted }) => {
    const picture = new Image();
    picture.src = `picture/${id}/${isRestricted ? "blurred" : "clear"}`;
    return picture;
  });
}

// --- small things ----------------------------------------------------------------------------

function make(name, className = "", content = []) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...[content].flat().filter((part) => part !== "" && part != null && part !== false));
  return element;
}

function say(id, text) { $(id).textContent = text; }
function note(lines) {
  $("note").hidden = lines === null;
  if (lines) { say("noteTitle", lines[0]); say("noteText", lines[1]); }
}
function percent(score) { return score == null ? "" : `${Math.floor(score * 100)} %`; }
function tone(element, type) {
  element.style.setProperty("--tone", `var(--${TONES.includes(type) ? type : "line"})`);
  return element;
}
