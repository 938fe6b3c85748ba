// What the page shows of a call, folded from the call's events (see hotline/web/messages.py).

/** A call that has not begun. */
export function fresh() {
  return {
    phase: "idle",
    way: [], // {id, menu} from the start menu to the caller's place, steps between menus included
    visited: new Set(),
    lines: [], // captions: {n, who, id, zh, en, state, play}
    now: null, // the line being spoken
    music: false,
    position: null,
    wait: null,
    asked: null,
    agent: "",
    talkSince: null,
    answered: null,
    closed: null,
    keyAt: -9, // when the last key came, for "cut by a key"
    n: 0,
  };
}

const CUT_WITHIN = 0.5; // seconds from a key to the silence it causes (5.2.6.3)
const ENTER_PHASE = { greeting: "greeting", survey: "survey", closing: "closing" };

function say(story, line) {
  const made = { n: ++story.n, state: "now", ...line };
  story.lines.push(made);
  if (story.lines.length > 200) story.lines.shift();
  return made;
}

function note(story, kind, zh, en) {
  say(story, { who: "note", kind, zh, en, state: "done" });
}

/** The line being spoken is over; only one that a key ended counts as cut. */
function endPlay(story, at, play) {
  if (story.now && (play === undefined || story.now.play === play)) {
    story.now.state = at - story.keyAt < CUT_WITHIN ? "cut" : "done";
    story.now = null;
  }
}

/** What stays above menu `id` at `depth` (menus counted from the start): steps on the way forward
    stay, a menu that was left is taken off. */
function above(way, id, depth) {
  const back = way.findIndex((place) => place.menu && place.id === id);
  if (back >= 0) return way.slice(0, back);
  const menus = way.filter((place) => place.menu).length;
  if (menus < depth) return way;
  let left = depth - 1;
  return way.slice(0, way.findIndex((place) => place.menu && left-- === 0));
}

const HANDLERS = {
  arrived(story) {
    story.phase = "arrived";
  },
  answered(story, { at }) {
    story.answered = at;
    story.phase = "greeting";
  },
  say(story, { id, zh, en, language, play, at }) {
    endPlay(story, at);
    story.music = false;
    story.now = say(story, { who: "hotline", id, zh, en, language, play });
    const phase = ENTER_PHASE[id.split(".")[0]];
    if (phase) story.phase = phase;
  },
  voice(story, { id, zh, en, language }) {
    say(story, { who: "agent", id, zh, en, language, state: "done" });
  },
  music(story, { at }) {
    endPlay(story, at);
    if (!story.music) note(story, "music", "♪ 等待音乐", "♪ waiting music");
    story.music = true;
  },
  tone(story, { at }) {
    endPlay(story, at);
    story.music = false;
  },
  stopped(story, { play, at }) {
    endPlay(story, at, play);
    story.music = false;
  },
  finished(story, { play }) {
    endPlay(story, Infinity, play);
  },
  menu(story, { id, depth }) {
    story.way.forEach((place) => story.visited.add(place.id));
    story.way = [...above(story.way, id, depth), { id, menu: true }];
    if (!["queue", "ringing"].includes(story.phase)) story.phase = "menu";
  },
  step(story, { id }) {
    story.way.forEach((place) => story.visited.add(place.id));
    story.way = [...story.way, { id, menu: false }];
    story.phase = "step";
  },
  step_done(story, { solved }) {
    if (solved) note(story, "ok", "✓ 业务已办妥", "✓ task done");
  },
  chosen(story, { key, target }) {
    say(story, { who: "you", key, target: `${target}`, state: "done" });
  },
  key(story, { at }) {
    story.keyAt = at;
    // digits being typed into a step: one dot each, never the digits
    const last = story.lines[story.lines.length - 1];
    if (story.phase !== "step") return;
    if (last?.who === "you" && last.dots) last.key += "•";
    else say(story, { who: "you", key: "•", dots: true, state: "done" });
  },
  wrong(story) {
    note(story, "warn", "按键无效", "no such choice");
  },
  silent(story) {
    note(story, "warn", "没有按键", "no key pressed");
  },
  collected(story, { ok }) {
    if (ok) note(story, "ok", "输入已收到", "input received");
    else note(story, "warn", "输入有误", "input not accepted");
  },
  request(story, { at }) {
    Object.assign(story, { phase: "queue", asked: at, position: null, wait: null, agent: "" });
    note(story, "info", "→ 转人工", "→ to an agent");
  },
  queued(story, { position, wait }) {
    Object.assign(story, { position, wait });
  },
  refused(story) {
    note(story, "warn", "暂时不能转人工", "no agent can be had");
  },
  offer(story) {
    story.phase = "ringing";
  },
  offer_ended(story, { outcome }) {
    if (outcome !== "answered" && story.phase === "ringing") story.phase = "queue";
  },
  agent(story, { number, at }) {
    Object.assign(story, { phase: "talking", agent: number, talkSince: at, position: null });
    note(story, "ok", `${number} 号客服专员接听`, `agent ${number} answered`);
  },
  bridged(story) {
    story.music = false;
    story.phase = "talking";
  },
  left(story, { to }) {
    story.talkSince = null;
    note(story, "info", "客服专员结束通话", "the agent ended the conversation");
    if (to === "survey") story.phase = "survey";
  },
  withdrawn(story) {
    story.position = null;
  },
  callback(story) {
    note(story, "ok", "已预约回拨", "call-back booked");
  },
  survey(story, { score }) {
    const words = { 1: ["满意", "satisfied"], 2: ["一般", "so-so"], 3: ["不满意", "dissatisfied"] };
    const [zh, en] = words[score] ?? [`${score}`, `${score}`];
    note(story, "ok", `评价：${zh}`, `rating: ${en}`);
  },
  blocked(story) {
    note(story, "warn", "线路全忙", "all lines are busy");
  },
  closed(story, { by }) {
    endPlay(story, Infinity);
    story.closed = by;
    story.music = false;
  },
};

/** Change `story` by one event. */
export function tell(story, event) {
  HANDLERS[event.t]?.(story, event);
}
