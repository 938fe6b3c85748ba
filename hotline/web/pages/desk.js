// An agent's desk as a Vue component of NiceGUI. Sound and calls run in the page itself; nothing of
// them goes over NiceGUI's socket.

const WORDS = {
  signIn: ["签入", "Sign in"],
  signOut: ["签出", "Sign out"],
  number: ["工号", "Agent number"],
  password: ["密码", "Password"],
  choose: ["选择座席", "Choose an agent"],
  intro: ["用工号签入，在浏览器里接听来电", "Sign in with an agent number to answer calls in the browser"],
  ready: ["就绪", "Ready"],
  notReady: ["示忙", "Not ready"],
  break: ["小休", "Break"],
  done: ["整理完毕", "Done"],
  afterCall: ["通话后：", "after this call: "],
  left: ["剩余", "left"],
  answer: ["接听", "Answer"],
  decline: ["放过", "Let it pass"],
  mute: ["静音", "Mute"],
  muted: ["已静音", "Muted"],
  hold: ["保持", "Hold"],
  resume: ["取回", "Resume"],
  survey: ["转评价并结束", "To the survey"],
  transfer: ["转接到", "Transfer to"],
  hangUp: ["挂断", "Hang up"],
  queue: ["业务队列", "Queue"],
  path: ["客户路径", "Way through the menus"],
  language: ["语言", "Language"],
  caller: ["主叫号码", "Caller"],
  waited: ["已等待", "Has waited"],
  account: ["户号", "Account"],
  keys: ["客户按键", "Keys pressed"],
  limit: ["12 秒", "12 s"],
  late: ["已超过 12 秒", "Past the 12 s"],
  incoming: ["来电", "Incoming call"],
  callBack: ["回拨：客户已接通", "Call-back: the customer is on the line"],
  announcement: ["正在向客户播报您的工号", "Your number is being announced to the caller"],
  talking: ["通话中", "In conversation"],
  held: ["客户在听等待音乐", "The caller is on hold"],
  waiting: ["等待来电", "Waiting for calls"],
  waitingHint: ["来电时会响铃；按回车键接听", "It rings when a caller comes; Enter answers"],
  last: ["刚才这通电话的时间线和条款检查", "Timeline and clause results of the last call"],
  away: ["现在不会有来电", "No calls come now"],
  figures: ["我的指标", "My figures"],
  offers: ["振铃", "Offers"],
  within: ["12 秒内应答", "Answered within 12 s"],
  answered: ["应答", "Answered"],
  unanswered: ["未应答", "Unanswered"],
  share: ["达标率", "In time"],
  calls: ["本次签入的来电", "Calls since sign-in"],
  noCalls: ["还没有来电", "None yet"],
  noMicrophone: ["没有可用的麦克风：客户听到的是静音", "No microphone: the caller hears silence"],
  noSound: ["音频已断开，正在重连", "Audio is lost; connecting again"],
  closed: ["连接已断开，您已签出", "The connection is lost; you are signed out"],
  rule: ["5.2.7.3：客服专员一般不先挂断。请用“转评价并结束”，或等客户挂机。", "5.2.7.3: an agent normally does not hang up first. Use “To the survey”, or wait for the caller to hang up."],
  becauseHarassment: ["骚扰电话，挂断", "Harassment: hang up"],
  becauseSilent: ["无声电话，挂断", "Silent line: hang up"],
  anyway: ["仍要挂断", "Hang up anyway"],
  toSurvey: ["客户将听到满意度评价", "the caller is asked how it was"],
  counts: ["计为座席先挂断", "it counts as hanging up first"],
  back: ["返回", "Back"],
  volume: ["音量", "Volume"],
  you: ["您", "You"],
  them: ["客户", "Caller"],
  leave: ["通话尚未结束", "A call is in progress"],
};

const STATES = {
  offline: ["未签入", "Signed out"],
  ready: ["就绪", "Ready"],
  ringing: ["振铃", "Ringing"],
  talking: ["通话", "Talking"],
  hold: ["保持", "Holding"],
  wrap_up: ["话后整理", "After-call work"],
  not_ready: ["示忙", "Not ready"],
  break: ["小休", "Break"],
  study: ["学习", "Study"],
};

const HOW = {
  no_answer: ["未应答", "no answer"],
  declined: ["放过", "let pass"],
  caller_left: ["客户先挂机", "caller left"],
  lost: ["中断", "lost"],
  caller: ["客户挂机", "caller hung up"],
  agent: ["已结束", "ended by you"],
  network: ["线路中断", "line lost"],
  system: ["系统结束", "ended by the system"],
  hang_up: ["座席挂断", "you hung up"],
};

const TONGUES = {
  "zh-CN": ["普通话", "Mandarin"],
  "en-US": ["英语", "English"],
  "bo-CN": ["藏语", "Tibetan"],
  "ug-CN": ["维吾尔语", "Uyghur"],
  "mn-CN": ["蒙古语", "Mongolian"],
};

const ASKED_FOR = 15000; // ms

const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};
const now = () => performance.now() / 1000;

export default {
  props: { base: String, lang: String, agents: Array, secret: Boolean },
  template: `
  <main class="desk-page" :class="['at-' + shift.state, 'is-' + phase]">
    <section class="card me">
      <template v-if="!shift.agent">
        <h2>{{ w.signIn }} <small>{{ w2.signIn }}</small></h2>
        <form class="who" @submit.prevent="signIn">
          <label v-if="agents.length">{{ w.choose }}<small>{{ w2.choose }}</small>
            <select v-model="number" data-field="agent">
              <option v-for="a in agents" :key="a.number" :value="a.number">{{ a.number }}　{{ a.name }}</option>
              <option v-if="secret" value="">…</option>
            </select>
          </label>
          <label v-if="secret && !known">{{ w.number }}<small>{{ w2.number }}</small>
            <input v-model="typed" inputmode="numeric" autocomplete="username" maxlength="6" data-field="number">
          </label>
          <label v-if="secret && !known">{{ w.password }}<small>{{ w2.password }}</small>
            <input v-model="password" type="password" autocomplete="current-password" maxlength="128" data-field="password">
          </label>
          <button class="hook green" type="submit" data-act="sign-in" :disabled="busy"><b>{{ w.signIn }}</b><small>{{ w2.signIn }}</small></button>
        </form>
      </template>
      <template v-else>
        <div class="badge-line"><b class="no">{{ shift.agent.number }}</b>
          <span>{{ shift.agent.name }}</span>
          <button class="tool" data-act="sign-out" @click="signOut">{{ w.signOut }} <small>{{ w2.signOut }}</small></button></div>
        <div class="status">
          <span class="lamp"></span>
          <div class="phase" role="status" aria-live="polite"><b data-state>{{ stateWords[0] }}</b><small>{{ stateWords[1] }}</small></div>
          <div class="timer">{{ clock(inState) }}</div>
        </div>
        <div class="wrap" v-if="shift.state === 'wrap_up'">
          <div v-if="shift.endsAt !== null" class="bar"><i :style="{ transform: 'scaleX(' + wrapLeft + ')' }"></i></div>
          <p v-if="shift.endsAt !== null" class="hintline">{{ w.left }} <b data-left>{{ clock(shift.endsAt - time + 0.99) }}</b> <small>{{ w2.left }}</small></p>
        </div>
        <div class="wishes" role="group">
          <button v-for="[wish, name] in wishes" :key="wish" class="wish" :data-act="wish"
            :class="{ on: stateOf[wish] === shift.state || shift.wished === wish }" @click="wishFor(wish)">
            <b>{{ w[name] }}</b><small>{{ w2[name] }}</small></button>
        </div>
        <p class="hintline" v-if="shift.wished">{{ w.afterCall }}<b>{{ w[nameOf[shift.wished]] }}</b> <small>{{ w2.afterCall }}{{ w2[nameOf[shift.wished]] }}</small></p>
        <label class="volume" :title="w.volume + ' ' + w2.volume">
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 9.500h4l5-4v13l-5-4H4z"/><path d="M16 9a4 4 0 0 1 0 6M18.500 6.500a8 8 0 0 1 0 11" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"/></svg>
          <input type="range" min="0" max="1.5" step="0.05" v-model.number="volume" :aria-label="w.volume">
        </label>
      </template>
      <p v-for="[zh, en] in notices" :key="en" class="notice" role="alert">{{ i ? en : zh }}<small>{{ i ? zh : en }}</small></p>
    </section>

    <section class="card call">
      <template v-if="!shift.caller">
        <div class="calm" :class="{ off: shift.state !== 'ready' }">
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6.500 3.500 9 3l2 5-2 1.600c1 2.200 3.200 4.400 5.400 5.400L16 13l5 2-.5 2.500c-.2 1.200-1.300 2-2.500 2C10.500 19.500 4.500 13.500 4.500 6c0-1.200.8-2.300 2-2.500Z"/></svg>
          <p class="first">{{ w[calm] }}</p><p class="second">{{ w2[calm] }}</p>
          <p class="hintline" v-if="shift.state === 'wrap_up' && shift.calls.length">
            <a :href="base + '/calls/' + shift.calls[0].caller.call" target="_blank" data-last>{{ w.last }} ›</a><br><small>{{ w2.last }}</small></p>
          <p class="hintline" v-if="shift.state === 'ready'">{{ w.waitingHint }}<br><small>{{ w2.waitingHint }}</small></p>
        </div>
      </template>
      <template v-else>
        <header class="head"><div role="status" aria-live="assertive"><b data-phase>{{ headWords[0] }}</b><small>{{ headWords[1] }}</small></div>
          <span class="timer">{{ clock(phase === 'ring' ? time - shift.rangAt : shift.talkAt === null ? 0 : time - shift.talkAt) }}</span></header>
        <div class="ring" v-if="phase === 'ring' && !shift.caller.call_back" :class="{ late: isLate }" data-ring>
          <div class="bar"><i :style="{ transform: 'scaleX(' + rung + ')' }"></i>
            <span class="line" :style="{ left: lineAt + '%' }"></span></div>
          <div class="scale"><span :style="{ left: lineAt + '%' }">{{ isLate ? w.late : w.limit }} <small>{{ isLate ? w2.late : w2.limit }}</small></span></div>
        </div>
        <dl class="about">
          <div class="wide"><dt>{{ w.queue }} <small>{{ w2.queue }}</small></dt><dd data-queue>{{ named(shift.caller.queue) }}</dd></div>
          <div class="wide" v-if="shift.caller.path.length"><dt>{{ w.path }} <small>{{ w2.path }}</small></dt>
            <dd class="crumbs"><span v-for="(place, n) in shift.caller.path" :key="n">{{ named(place) }}</span></dd></div>
          <div><dt>{{ w.caller }} <small>{{ w2.caller }}</small></dt><dd class="figure">{{ shift.caller.number || '–' }}</dd></div>
          <div v-if="shift.caller.account"><dt>{{ w.account }} <small>{{ w2.account }}</small></dt><dd class="figure">{{ shift.caller.account }}</dd></div>
          <div><dt>{{ w.language }} <small>{{ w2.language }}</small></dt><dd>{{ tongue }}</dd></div>
          <div><dt>{{ w.waited }} <small>{{ w2.waited }}</small></dt><dd class="figure">{{ clock(waited) }}</dd></div>
          <div v-if="phase !== 'ring'"><dt>{{ w.keys }} <small>{{ w2.keys }}</small></dt><dd class="figure" data-keys>{{ shift.keys }}</dd></div>
        </dl>
        <div class="hooks" v-if="phase === 'ring'">
          <button class="hook green" data-act="answer" @click="answer"><b>{{ w.answer }}</b><small>{{ w2.answer }}</small></button>
          <button class="hook plain" data-act="decline" @click="ask('decline')" v-if="!shift.caller.call_back"><b>{{ w.decline }}</b><small>{{ w2.decline }}</small></button>
        </div>
        <template v-else>
          <div class="meters" aria-hidden="true">
            <span>{{ w.them }} <small>{{ w2.them }}</small></span><div class="meter"><i :style="{ transform: 'scaleX(' + levels.heard + ')' }"></i></div>
            <span>{{ w.you }} <small>{{ w2.you }}</small></span><div class="meter"><i :style="{ transform: 'scaleX(' + levels.spoke + ')' }"></i></div>
          </div>
          <div class="tools" role="group">
            <button class="wish" data-act="mute" :class="{ on: muted }" :aria-pressed="muted" @click="mute"><b>{{ muted ? w.muted : w.mute }}</b><small>{{ muted ? w2.muted : w2.mute }}</small></button>
            <button class="wish" data-act="hold" :class="{ on: shift.held }" :aria-pressed="shift.held" :disabled="phase !== 'talking'" @click="hold"><b>{{ shift.held ? w.resume : w.hold }}</b><small>{{ shift.held ? w2.resume : w2.hold }}</small></button>
            <span class="move"><select v-model="skill" :aria-label="w.transfer">
                <option v-for="s in shift.skills" :key="s.skill" :value="s.skill">{{ named(s) }}</option></select>
              <button class="wish" data-act="transfer" @click="ask('transfer', { skill })"><b>{{ w.transfer }}</b><small>{{ w2.transfer }}</small></button></span>
          </div>
          <div class="hooks" v-if="!asking">
            <button class="hook green" data-act="survey" @click="ask('survey')"><b>{{ w.survey }}</b><small>{{ w2.survey }}</small></button>
            <button class="hook red" data-act="hangup" @click="asking = true"><b>{{ w.hangUp }}</b><small>{{ w2.hangUp }}</small></button>
          </div>
          <div class="reminder" v-else role="alertdialog" aria-modal="false">
            <p>{{ w.rule }}<small>{{ w2.rule }}</small></p>
            <div class="tools">
              <button class="wish on" data-act="back" @click="asking = false"><b>{{ w.back }}</b><small>{{ w2.back }}</small></button>
              <button class="wish" data-act="harassment" @click="hangUp('harassment')"><b>{{ w.becauseHarassment }}</b><small>{{ w2.becauseHarassment }}</small></button>
              <button class="wish" data-act="silent" @click="hangUp('silent')"><b>{{ w.becauseSilent }}</b><small>{{ w2.becauseSilent }}</small></button>
              <button class="wish danger" data-act="anyway" @click="hangUp('')"><b>{{ w.anyway }}</b><small>{{ w[effect] }} · {{ w2.anyway }}</small></button>
            </div>
          </div>
        </template>
      </template>
    </section>

    <section class="card mine" v-if="shift.agent">
      <h2>{{ w.figures }} <small>{{ w2.figures }}</small></h2>
      <div class="tiles" v-if="shift.figures">
        <div class="tile" v-for="[name, value] in tiles" :key="name" :data-figure="name"><b>{{ value }}</b><span>{{ w[name] }}</span><small>{{ w2[name] }}</small></div>
      </div>
      <h2>{{ w.calls }} <small>{{ w2.calls }}</small></h2>
      <ol class="scroll past" v-if="shift.calls.length">
        <li v-for="one in shift.calls" :key="one.n"><a :href="base + '/calls/' + one.caller.call" target="_blank"><time>{{ one.at.toTimeString().slice(0, 5) }}</time></a>
          <span>{{ named(one.caller.queue) }}</span><em>{{ how(one) }}</em><b>{{ clock(one.seconds) }}</b></li>
      </ol>
      <p v-else class="hintline">{{ w.noCalls }} <small>{{ w2.noCalls }}</small></p>
    </section>
  </main>`,

  data() {
    return {
      shift: { agent: null, caller: null, calls: [], state: "offline", rules: {}, skills: [], said: null },
      phase: "",
      number: this.agents[0]?.number ?? "",
      typed: "",
      password: "",
      busy: false,
      time: 0,
      volume: 1,
      microphone: true,
      muted: false,
      asking: false,
      skill: "",
      lost: false,
      levels: { heard: 0, spoke: 0 },
      stateOf: { ready: "ready", not_ready: "not_ready", break: "break" },
      nameOf: { ready: "ready", not_ready: "notReady", break: "break" },
    };
  },
  computed: {
    i() {
      return this.lang === "en" ? 1 : 0;
    },
    w() {
      return Object.fromEntries(Object.entries(WORDS).map(([k, v]) => [k, v[this.i]]));
    },
    w2() {
      return Object.fromEntries(Object.entries(WORDS).map(([k, v]) => [k, v[1 - this.i]]));
    },
    known() {
      return this.agents.some((one) => one.number === this.number);
    },
    stateWords() {
      const words = STATES[this.shift.state] ?? STATES.offline;
      return [words[this.i], words[1 - this.i]];
    },
    headWords() {
      const ring = this.shift.caller.call_back ? "callBack" : "incoming";
      const name = this.shift.held ? "held" : this.phase === "ring" ? ring : this.phase;
      return [this.w[name], this.w2[name]];
    },
    wishes() {
      const done = this.shift.state === "wrap_up";
      return [["ready", done ? "done" : "ready"], ["not_ready", "notReady"], ["break", "break"]];
    },
    calm() {
      if (!this.shift.agent) return "intro";
      return this.shift.state === "ready" ? "waiting" : "away";
    },
    inState() {
      return this.shift.agent ? this.time - this.shift.since : 0;
    },
    wrapLeft() {
      return Math.max(0, (this.shift.endsAt - this.time) / (this.shift.rules.wrap_up || 1));
    },
    rung() {
      return Math.min(1, (this.time - this.shift.rangAt) / this.shift.rules.redirect_after);
    },
    lineAt() {
      return (100 * this.shift.rules.answer_within) / this.shift.rules.redirect_after;
    },
    isLate() {
      return this.time - this.shift.rangAt > this.shift.rules.answer_within;
    },
    waited() {
      const { caller, rangAt, ringing } = this.shift;
      return caller.waited + (ringing ? this.time - rangAt : 0);
    },
    tongue() {
      const words = TONGUES[this.shift.caller.language];
      return words ? `${words[this.i]} ${words[1 - this.i]}` : this.shift.caller.language;
    },
    effect() {
      return this.shift.rules.hangs_up === "survey" ? "toSurvey" : "counts";
    },
    tiles() {
      const f = this.shift.figures;
      const share = f.ring_within === null ? "–" : `${Math.round(f.ring_within * 100)} %`;
      return [["offers", f.offers], ["within", f.answered_within], ["unanswered", f.unanswered], ["share", share]];
    },
    notices() {
      const found = [];
      if (this.lost) found.push(WORDS.closed);
      if (this.shift.said) found.push([this.shift.said.zh, this.shift.said.en]);
      if (this.shift.agent && !this.microphone) found.push(WORDS.noMicrophone);
      if (this.shift.agent && this.shift.audio === false && this.shift.state !== "offline") found.push(WORDS.noSound);
      return found;
    },
  },
  watch: {
    volume(value) {
      this.sound?.setVolume(value);
    },
    phase(value, before) {
      this.quiet?.();
      this.quiet = value === "ring" ? this.sound.ring() : null;
      document.title = value === "ring" ? `☎ ${this.w.incoming}` : this.title;
      if (value === "") this.endCall();
      if (value === "ring") this.skill = this.shift.caller.skill;
      if (before === "ring" && value) this.beginCall();
    },
    "shift.held"() {
      this.voice();
    },
  },

  async mounted() {
    this.title = document.title;
    this.onKey = (event) => this.keyed(event);
    this.onLeave = (event) => {
      if (this.shift.caller) event.preventDefault();
    };
    document.addEventListener("keydown", this.onKey);
    window.addEventListener("beforeunload", this.onLeave);
    this.tick = setInterval(() => (this.time = now()), 200);
    const [{ Sound }, { Seat }, { fresh, tell, phase }] = await Promise.all([
      import(`${this.base}/static/phone/sound.js`),
      import(`${this.base}/static/desk/seat.js`),
      import(`${this.base}/static/desk/shift.js`),
    ]);
    Object.assign(this.$options, { Seat, fresh, tell, phaseOf: phase });
    this.sound = new Sound(`${this.base}/static/phone`);
    this.shift = fresh();
    window.agentDesk = { ready: true, heard: null };
  },
  unmounted() {
    document.removeEventListener("keydown", this.onKey);
    window.removeEventListener("beforeunload", this.onLeave);
    clearInterval(this.tick);
    this.quiet?.();
    this.seat?.signOut();
    this.sound?.closeMicrophone();
  },

  methods: {
    clock,
    named(words) {
      const [a, b] = this.i ? [words.en, words.zh] : [words.zh, words.en];
      return a === b || !b ? a : a || b;
    },
    how(one) {
      const to = one.how.startsWith("transfer:") ? one.how.slice(9) : null;
      if (to === null) return (HOW[one.how] ?? [one.how, one.how])[this.i];
      const found = this.shift.skills.find((skill) => skill.skill === to);
      return `→ ${found ? this.named(found) : to}`;
    },
    async signIn() {
      if (!this.sound || this.busy) return;
      this.busy = true;
      this.lost = false;
      this.shift = this.$options.fresh();
      try {
        await this.sound.start();
      } catch {
        // no loudspeaker: calls can still be seen
      }
      this.sound.setVolume(this.volume);
      await this.tryMicrophone();
      const root = new URL(this.base || "/", location.href).href.replace(/^http/, "ws").replace(/\/$/, "");
      const levels = this.levels;
      const level = (name) => (rms) => {
        levels[name] = Math.min(1, Math.max(rms * 5, levels[name] * 0.8));
      };
      const seat = new this.$options.Seat(this.sound, root, {
        message: (message) => this.told(message),
        heard: level("heard"),
        spoke: level("spoke"),
        closed: (code) => this.closed(code),
      });
      this.seat = seat;
      window.agentDesk.heard = seat.heard;
      seat.signIn(this.known ? this.number : this.typed.trim(), this.known ? "" : this.password);
      this.password = "";
    },
    told(message) {
      this.time = now();
      this.$options.tell(this.shift, message, this.time);
      this.phase = this.$options.phaseOf(this.shift);
      if (message.t === "signed_in") this.busy = false;
    },
    closed(code) {
      const { said } = this.shift;
      this.lost = Boolean(this.shift.agent) && code !== 1000 && code !== 1008;
      this.busy = false;
      this.shift = this.$options.fresh();
      this.shift.said = code === 1008 ? said : null;
      this.phase = "";
    },
    ask(name, fields) {
      this.seat?.do(name, fields);
    },
    signOut() {
      this.seat.signOut();
    },
    wishFor(wish) {
      if (["ringing", "talking", "hold"].includes(this.shift.state)) {
        this.shift.wished = wish === "ready" ? "" : wish;
      }
      this.ask(wish);
    },
    answer() {
      this.ask("answer");
    },
    hold() {
      this.ask("hold", { on: !this.shift.held });
    },
    hangUp(reason) {
      this.asking = false;
      this.ask("hang_up", reason ? { reason } : {});
    },
    mute() {
      this.muted = !this.muted;
      this.voice();
    },
    voice() {
      if (!this.seat) return;
      this.seat.speaking = Boolean(this.phase) && this.phase !== "ring" && !this.muted && !this.shift.held;
      if (!this.seat.speaking) this.levels.spoke = 0;
    },
    async openMicrophone() {
      try {
        await this.sound.openMicrophone();
        this.microphone = true;
      } catch {
        this.microphone = false;
      }
      if (!this.phase) this.sound.closeMicrophone();
    },
    /** Ask for the microphone once, so that the first caller need not wait for the question; but do
     * not wait for ever for somebody to answer it. */
    async tryMicrophone() {
      const enough = new Promise((done) => setTimeout(done, ASKED_FOR));
      await Promise.race([this.openMicrophone(), enough]);
    },
    beginCall() {
      this.asking = this.muted = false;
      this.sound.clear();
      this.voice();
      this.openMicrophone();
    },
    endCall() {
      this.asking = this.muted = false;
      this.voice();
      this.levels.heard = 0;
      this.sound?.closeMicrophone();
    },
    keyed(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (["INPUT", "SELECT", "TEXTAREA", "BUTTON", "A"].includes(event.target.tagName)) return;
      if (event.key === "Enter" && this.phase === "ring") {
        event.preventDefault();
        this.answer();
      }
    },
  },
};
