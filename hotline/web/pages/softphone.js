// The softphone as a Vue component of NiceGUI. Sound and call run in the page itself; nothing of
// a call goes over NiceGUI's socket.

const KEYS = [
  ["1", ""], ["2", "ABC"], ["3", "DEF"],
  ["4", "GHI"], ["5", "JKL"], ["6", "MNO"],
  ["7", "PQRS"], ["8", "TUV"], ["9", "WXYZ"],
  ["*", ""], ["0", ""], ["#", ""],
];

const WORDS = {
  call: ["呼叫", "Call"],
  hangUp: ["挂断", "Hang up"],
  keypad: ["拨号键盘", "Keypad"],
  number: ["主叫号码", "Your number"],
  customer: ["模拟客户", "Test customer"],
  account: ["户号", "Account"],
  other: ["自定号码", "Another number"],
  microphone: ["麦克风", "Microphone"],
  microphoneOn: ["麦克风已开", "Microphone on"],
  noMicrophone: ["无法使用麦克风", "No microphone available"],
  volume: ["音量", "Volume"],
  captions: ["通话字幕", "Captions"],
  tree: ["菜单位置", "Where you are"],
  empty: ["点击“呼叫”或按回车键，拨打 95598", "Press Call or Enter to dial 95598"],
  position: ["排队第", "in queue"],
  wait: ["预计等待", "expected wait"],
  agent: ["工号", "agent"],
  help: ["回车 呼叫 · Esc 挂断 · 0–9 * # 按键", "Enter call · Esc hang up · 0–9 * # keys"],
  failed: ["未能接通", "The call failed"],
  common: ["通用按键", "Keys of every menu"],
  cut: ["· 按键打断", "· cut by a key"],
  yourKey: ["请按键", "Your key, please"],
  speak: ["请讲话", "Please speak"],
  moment: ["请稍候", "One moment"],
  music: ["等待音乐", "Waiting music"],
  timeline: ["本次通话的时间线和条款检查", "Timeline and clause results of this call"],
  over: ["通话已结束，按回车键再次呼叫", "The call is over; press Enter to call again"],
};

const PHASES = {
  idle: ["空闲", "Ready"],
  dialling: ["正在拨号", "Dialling"],
  arrived: ["正在接通", "Connecting"],
  greeting: ["开场白", "Greeting"],
  menu: ["菜单选择", "In a menu"],
  step: ["业务办理", "Self-service"],
  queue: ["排队等待", "Waiting"],
  ringing: ["座席振铃", "Agent ringing"],
  talking: ["人工通话", "Talking"],
  survey: ["满意度评价", "Survey"],
  closing: ["结束语", "Goodbye"],
  over: ["通话结束", "Call ended"],
};

const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};

const Branch = {
  name: "Branch",
  props: { node: Object, place: Object, lang: String },
  template: `
    <li :class="classes" :aria-current="here ? 'location' : null" :data-path="node.path">
      <div class="twig">
        <button v-if="node.children.length" class="fold" :aria-expanded="open"
          :aria-label="node[lang]" @click="toggle"><span>›</span></button>
        <span v-else class="fold leaf"></span>
        <kbd v-if="node.key">{{ node.key }}</kbd>
        <span class="name">{{ node[lang] }}</span>
        <span class="name2" lang="en" v-if="second">{{ second }}</span>
        <span v-if="here" class="pin" aria-hidden="true"></span>
      </div>
      <ul v-if="open">
        <Branch v-for="child in node.children" :key="child.path" :node="child" :place="place"
          :lang="lang" />
      </ul>
    </li>`,
  data: () => ({ wish: null }),
  computed: {
    here() {
      return this.place.here === this.node.path;
    },
    onWay() {
      return this.place.here.startsWith(`${this.node.path}/`);
    },
    open() {
      const wished = this.wish ?? (this.here || this.onWay || !this.node.path.includes("/"));
      return wished && this.node.children.length > 0;
    },
    second() {
      const other = this.node[this.lang === "zh" ? "en" : "zh"];
      return other !== this.node[this.lang] ? other : "";
    },
    classes() {
      const been = this.place.visited.has(this.node.id) && !this.here && !this.onWay;
      return [this.node.kind, { here: this.here, way: this.onWay, been }];
    },
  },
  watch: {
    "place.here"() {
      this.wish = null;
      if (this.here) this.$nextTick(() => this.show());
    },
  },
  methods: {
    toggle() {
      this.wish = !this.open;
    },
    show() {
      const box = this.$el.closest(".scroll");
      const twig = this.$el.querySelector(".twig");
      if (!box || !twig) return;
      const top = twig.getBoundingClientRect().top - box.getBoundingClientRect().top;
      box.scrollTo({ top: box.scrollTop + top - box.clientHeight / 3, behavior: "smooth" });
    },
  },
};

export default {
  components: { Branch },
  props: { base: String, lang: String, customers: Array },
  template: `
  <main class="phone-page" :class="'phase-' + phase">
    <section class="card handset" :aria-label="w.keypad">
      <div class="status">
        <span class="lamp" :class="{ on: active }"></span>
        <div class="phase" role="status" aria-live="polite"><b>{{ phaseWords[0] }}</b><small>{{ phaseWords[1] }}</small></div>
        <div class="timer" v-if="active || phase === 'over'">{{ clock(elapsed) }}</div>
      </div>
      <dl class="facts">
        <div v-if="story.position"><dt>{{ w.position }}</dt><dd>{{ story.position }}</dd></div>
        <div v-if="waiting"><dt>{{ w.wait }}</dt>
          <dd>{{ story.wait === null ? '–' : clock(story.wait) }}</dd></div>
        <div v-if="story.agent"><dt>{{ w.agent }}</dt><dd>{{ story.agent }}</dd></div>
        <div v-if="problem" class="problem" role="alert"><dd>{{ problem }}</dd></div>
      </dl>
      <div class="meter" aria-hidden="true"><i :style="{ transform: 'scaleX(' + level + ')' }"></i></div>

      <div class="who">
        <label>{{ w.customer }}<small>{{ w2.customer }}</small>
          <select v-model="customer" :disabled="active" @change="choose">
            <option v-for="c in customers" :key="c.number" :value="c.number">{{ c[lang] }}</option>
            <option value="">{{ w.other }}</option>
          </select>
        </label>
        <label>{{ w.number }}<small>{{ w2.number }}</small>
          <input v-model="number" :disabled="active" inputmode="tel" autocomplete="off"
            maxlength="20" @input="customer = ''" @keydown.enter.prevent.stop="call">
        </label>
      </div>

      <p class="hintline" v-if="account">{{ w.account }} <b>{{ account }}</b></p>

      <div class="keys" role="group" :aria-label="w.keypad">
        <button v-for="[key, letters] in keys" :key="key" :data-key="key" class="key"
          :class="{ down: down === key }" :aria-label="key" :disabled="!active"
          @pointerdown.prevent="press(key)" @click="clicked($event, key)">
          <b>{{ key === '*' ? '✱' : key }}</b><small>{{ letters }}</small>
        </button>
      </div>
      <div class="hooks">
        <button v-if="!active" class="hook green" data-act="call" @click="call">
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6.5 3.5 9 3l2 5-2 1.6c1 2.2 3.2 4.4 5.4 5.4L16 13l5 2-.5 2.5c-.2 1.2-1.3 2-2.5 2C10.500 19.500 4.500 13.500 4.500 6c0-1.200.8-2.300 2-2.500Z"/></svg>
          <b>{{ w.call }}</b><small>{{ w2.call }}</small>
        </button>
        <button v-else class="hook red" data-act="hangup" @click="hangUp">
          <svg viewBox="0 0 24 24" aria-hidden="true"><path transform="rotate(135 12 12)" d="M6.500 3.500 9 3l2 5-2 1.600c1 2.200 3.200 4.400 5.400 5.400L16 13l5 2-.5 2.500c-.2 1.200-1.300 2-2.500 2C10.500 19.500 4.500 13.500 4.500 6c0-1.200.8-2.300 2-2.500Z"/></svg>
          <b>{{ w.hangUp }}</b><small>{{ w2.hangUp }}</small>
        </button>
        <button class="round" :class="{ lit: microphone }" :disabled="!active" :aria-pressed="microphone"
          :aria-label="microphone ? w.microphoneOn : w.microphone" :title="w.microphone + ' ' + w2.microphone"
          data-act="microphone" @click="toggleMicrophone">
          <svg viewBox="0 0 24 24" aria-hidden="true"><rect x="9" y="3" width="6" height="11" rx="3"/>
            <path d="M6 11v1a6 6 0 0 0 12 0v-1M12 18v3" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"/></svg>
        </button>
      </div>
      <label class="volume" :title="w.volume + ' ' + w2.volume">
        <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 9.500h4l5-4v13l-5-4H4z"/><path d="M16 9a4 4 0 0 1 0 6M18.500 6.500a8 8 0 0 1 0 11" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"/></svg>
        <input type="range" min="0" max="1.5" step="0.05" v-model.number="volume" :aria-label="w.volume">
      </label>
      <p class="help">{{ w.help }}</p>
    </section>

    <section class="card talk">
      <h2>{{ w.captions }} <small>{{ w2.captions }}</small></h2>
      <div class="speaking" aria-live="polite" aria-atomic="true" :class="{ quiet: !spoken, agent: spoken?.who === 'agent' }">
        <template v-if="spoken">
          <p class="first" :lang="langOf(spoken)">{{ words(spoken)[0] }}</p>
          <p class="second" v-if="words(spoken)[1]" :lang="langOf(spoken) === 'en' ? 'zh-CN' : 'en'">
            {{ words(spoken)[1] }}</p>
        </template>
        <p v-else-if="story.music" class="first notes" :aria-label="w.music">♪ ♫ ♪</p>
        <p v-else class="hint">{{ hint[0] }}<br><small>{{ hint[1] }}</small></p>
      </div>
      <p class="after" v-if="phase === 'over' && callId">
        <a :href="base + '/calls/' + callId">{{ w.timeline }} ›</a></p>
      <ol class="scroll lines" ref="lines" tabindex="0" :aria-label="w.captions">
        <li v-for="line in told" :key="line.n" :class="[line.who, line.kind, line.state]"
          :data-prompt="line.id">
          <template v-if="line.who === 'you'"><kbd>{{ line.key }}</kbd> {{ titleOf(line.target) }}</template>
          <template v-else>
            <p class="first">{{ words(line)[0] }}
              <em v-if="line.who === 'hotline' && line.state === 'cut'">{{ w.cut }}</em></p>
            <p class="second" v-if="words(line)[1]">{{ words(line)[1] }}</p>
          </template>
        </li>
      </ol>
    </section>

    <section class="card map">
      <h2>{{ w.tree }} <small>{{ w2.tree }}</small></h2>
      <nav class="common" v-if="common.length" :aria-label="w.common">
        <span v-for="c in common" :key="c.key"><kbd>{{ c.key }}</kbd>{{ c[lang] }}</span>
      </nav>
      <div class="scroll" tabindex="0" :aria-label="w.tree">
        <ul class="tree" v-if="tree"><Branch :node="tree" :place="place" :lang="lang" /></ul>
      </div>
    </section>
  </main>`,

  data() {
    return {
      keys: KEYS,
      phase: "idle",
      callId: "",
      story: { position: null, wait: null, agent: "", lines: [], now: null, way: [], music: false },
      tree: null,
      common: [],
      customer: this.customers[0]?.number ?? "",
      number: this.customers[0]?.number ?? "",
      elapsed: 0,
      level: 0,
      volume: 1,
      microphone: false,
      problem: "",
      down: "",
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
    phaseWords() {
      const words = PHASES[this.phase] ?? PHASES.idle;
      return [words[this.i], words[1 - this.i]];
    },
    active() {
      return !["idle", "over"].includes(this.phase);
    },
    waiting() {
      return ["queue", "ringing"].includes(this.phase);
    },
    account() {
      return this.customers.find((one) => one.number === this.customer)?.account ?? "";
    },
    spoken() {
      if (this.story.now || this.phase !== "talking") return this.story.now;
      return this.story.lines.findLast((line) => line.who === "agent");
    },
    told() {
      return this.story.lines.filter((line) => line !== this.story.now);
    },
    hint() {
      const name = { idle: "empty", over: "over", menu: "yourKey", step: "yourKey", survey: "yourKey",
        talking: "speak" }[this.phase] ?? "moment";
      return [this.w[name], this.w2[name]];
    },
    place() {
      return { here: this.active ? this.locate() : "", visited: this.story.visited ?? new Set() };
    },
  },
  watch: {
    volume(value) {
      this.sound?.setVolume(value);
    },
    "story.n"() {
      this.showLast();
    },
    phase() {
      this.showLast();
    },
  },

  async mounted() {
    this.onKey = (event) => this.typed(event);
    document.addEventListener("keydown", this.onKey);
    this.tick = setInterval(() => this.second(), 200);
    const [{ Sound }, { Line }, { fresh, tell }, book] = await Promise.all([
      import(`${this.base}/static/phone/sound.js`),
      import(`${this.base}/static/phone/line.js`),
      import(`${this.base}/static/phone/story.js`),
      fetch(`${this.base}/api/book/tree`).then((answer) => answer.json()),
    ]);
    Object.assign(this.$options, { Line, fresh, tell });
    this.sound = new Sound(`${this.base}/static/phone`);
    this.tree = Object.freeze(book.tree);
    this.common = book.common;
    this.index = this.indexed(book.tree);
    window.softphone = { ready: true, heard: null, phase: () => this.phase };
  },
  unmounted() {
    document.removeEventListener("keydown", this.onKey);
    clearInterval(this.tick);
    this.line?.hangUp();
  },

  methods: {
    clock,
    showLast() {
      this.$nextTick(() => this.$refs.lines?.scrollTo({ top: 1e9 }));
    },
    choose() {
      this.number = this.customer;
    },
    async call() {
      if (this.active || !this.sound) return;
      const { Line, fresh, tell } = this.$options;
      this.problem = "";
      this.story = fresh();
      this.callId = "";
      this.phase = "dialling";
      this.line = null;
      this.began = performance.now();
      try {
        await this.sound.start();
      } catch (error) {
        this.problem = `${error.message}`; // no sound: captions and keys still work
      }
      if (this.phase !== "dialling") return; // hung up meanwhile
      this.sound.setVolume(this.volume);
      const root = new URL(this.base || "/", location.href).href.replace(/^http/, "ws").replace(/\/$/, "");
      let level = 0;
      this.line = new Line(this.sound, root, {
        open: () => {},
        message: (event) => {
          if (event.t === "call") this.callId = event.call;
          tell(this.story, event);
          if (!["idle", "over"].includes(this.story.phase) && this.active) this.phase = this.story.phase;
        },
        level: (rms) => {
          level = Math.max(rms, level * 0.8);
          this.level = Math.min(1, level * 5).toFixed(2);
        },
        closed: (code, reason) => this.ended(code, reason),
      });
      window.softphone.heard = this.line.heard;
      this.line.call(this.number.replace(/[^\d+*#]/g, ""), this.area());
    },
    area() {
      return this.customers.find((one) => one.number === this.customer)?.area ?? "";
    },
    ended(code, reason) {
      this.phase = "over";
      this.story.now = null;
      this.level = 0;
      this.microphone = false;
      if (code !== 1000 && code !== 1005) {
        this.problem = `${this.w.failed} (${code}${reason ? `: ${reason}` : ""})`;
      }
    },
    hangUp() {
      if (this.line) this.line.hangUp();
      else if (this.active) this.ended(1000, "");
    },
    press(key) {
      if (!this.active || !this.line) return;
      this.line.press(key);
      this.down = key;
      clearTimeout(this.release);
      this.release = setTimeout(() => (this.down = ""), 150);
    },
    clicked(event, key) {
      // a mouse or finger has pressed on pointerdown already; this is Enter or Space on the button
      if (event.detail === 0) this.press(key);
    },
    typed(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const field = ["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName)
        && event.target.type !== "range";
      if (event.key === "Escape") return this.hangUp();
      if (field) return;
      if (/^[0-9*#]$/.test(event.key)) {
        event.preventDefault();
        this.press(event.key);
      } else if (event.key === "Enter" && event.target.tagName !== "BUTTON"
          && event.target.tagName !== "A") {
        event.preventDefault();
        this.call();
      }
    },
    second() {
      if (this.active) this.elapsed = (performance.now() - this.began) / 1000;
    },
    async toggleMicrophone() {
      try {
        if (this.microphone) this.sound.closeMicrophone();
        else await this.sound.openMicrophone();
        this.microphone = !this.microphone;
        this.problem = "";
      } catch {
        this.problem = `${this.w.noMicrophone} ${this.w2.noMicrophone}`;
      }
    },
    words(line) {
      const [a, b] = this.lang === "en" ? [line.en, line.zh] : [line.zh, line.en];
      return a ? [a, b] : [b, ""];
    },
    titleOf(target) {
      const id = `${target}`.split(":").pop();
      const found = this.index?.nearest.get(id);
      return found ? found[this.lang] : this.common.find((one) => one.target === target)?.[this.lang];
    },
    langOf(line) {
      return (this.lang === "en" && line.en) || !line.zh ? "en" : "zh-CN";
    },
    /** Path of each node, and for each id the shortest path to it. */
    indexed(tree) {
      const paths = new Set();
      const nearest = new Map();
      const level = [tree];
      while (level.length) {
        const node = level.shift();
        if (node.kind === "menu" || node.kind === "step") {
          paths.add(node.path);
          if (!nearest.has(node.id)) nearest.set(node.id, node);
        }
        level.push(...node.children);
      }
      return { paths, nearest };
    },
    /** The tree node of the caller's place: the very way that was gone, else the same id. */
    locate() {
      const ids = this.story.way?.map((place) => place.id) ?? [];
      if (!this.index || !ids.length) return "";
      const path = ids.join("/");
      if (this.index.paths.has(path)) return path;
      return this.index.nearest.get(ids[ids.length - 1])?.path ?? "";
    },
  },
};
