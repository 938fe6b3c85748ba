// What the page shows of an agent's work, folded from the messages of the control channel
// (docs/desk.md). Instants are seconds on the page's own clock, given with each message.

const ON_CALL = ["ringing", "talking", "hold"];
const CALLS_KEPT = 30;

/** An agent who has not signed in. */
export function fresh() {
  return {
    agent: null, // {number, name, skills, languages}
    rules: { answer_within: 12, redirect_after: 20, wrap_up: 60, hangs_up: "survey" },
    skills: [], // {skill, zh, en}
    state: "offline",
    since: 0,
    endsAt: null, // when after-call work is over
    wished: "", // asked for during a call, and not yet done
    audio: false,
    caller: null, // who rings or is spoken with
    rangAt: null,
    ringing: false,
    talkAt: null, // since when the two hear each other
    held: false,
    keys: 0,
    figures: null,
    calls: [], // of this shift, newest first: {at, caller, how, seconds}
    said: null, // {zh, en}: the latest that needs attention
  };
}

function over(shift, now, how) {
  if (!shift.caller) return;
  const seconds = shift.talkAt === null ? 0 : now - shift.talkAt;
  shift.calls.unshift({ n: shift.calls.length, at: new Date(), caller: shift.caller, how, seconds });
  shift.calls.splice(CALLS_KEPT);
  Object.assign(shift, { caller: null, rangAt: null, ringing: false, talkAt: null, held: false, keys: 0 });
}

const TELL = {
  signed_in(shift, { agent, rules, skills }) {
    Object.assign(shift, { agent, rules, skills });
  },
  refused(shift, { zh, en }) {
    shift.said = { zh, en };
  },
  audio(shift, { there }) {
    shift.audio = there;
  },
  state(shift, { state, ends_in: endsIn }, now) {
    Object.assign(shift, { state, since: now, endsAt: endsIn === null ? null : now + endsIn });
    if (!ON_CALL.includes(state) && state !== "wrap_up") shift.wished = "";
    if (state === "talking") shift.held = false;
  },
  break(shift, { approved }) {
    if (!approved) shift.said = { zh: "小休未获批准", en: "The break was not approved" };
    if (!approved || !ON_CALL.includes(shift.state)) shift.wished = "";
  },
  offer(shift, { caller }, now) {
    Object.assign(shift, { caller, rangAt: now, ringing: true, talkAt: null, said: null, keys: 0 });
  },
  offer_ended(shift, { outcome }, now) {
    if (outcome !== "answered") over(shift, now, outcome);
  },
  answered(shift) {
    shift.ringing = false;
  },
  talk(shift, { phase }, now) {
    if (phase === "talking") shift.talkAt ??= now;
  },
  held(shift, { on }) {
    shift.held = on;
  },
  keys(shift, { count }) {
    shift.keys = count;
  },
  over(shift, { by, to }, now) {
    over(shift, now, to && to !== "survey" ? to : by);
  },
  figures(shift, message) {
    shift.figures = message;
  },
  problem(shift, { zh, en }) {
    shift.said = { zh, en };
  },
};

/** What the agent is in the midst of: "" | ring | announcement | talking. */
export function phase(shift) {
  if (!shift.caller) return "";
  if (shift.ringing) return "ring";
  return shift.talkAt === null ? "announcement" : "talking";
}

/** Take in one message that came at `now`. */
export function tell(shift, message, now) {
  TELL[message.t]?.(shift, message, now);
}
