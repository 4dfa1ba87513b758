// What the parts of the page share: the conversation, the chats kept in this browser, and the settings.
const root = document.documentElement;

window.qa ??= (() => {
  const CHATS = "qa.chats", MINE = "qa.chat", SETTINGS = "qa.settings", ARTICLES = "qa.articles";
  const MOST_CHATS = 50;

  function read(key, otherwise, store = localStorage) {
    try {
      return JSON.parse(store.getItem(key)) ?? otherwise;
    } catch {
      return otherwise; // damaged, or a browser that keeps nothing
    }
  }

  function write(key, value, store = localStorage) {
    try {
      store.setItem(key, JSON.stringify(value));
      return true;
    } catch {
      return false; // full, or a browser that keeps nothing
    }
  }

  // Newest first; a full store loses its oldest chats, never the one at hand.
  function writeChats(chats) {
    let kept = chats.slice(0, MOST_CHATS);
    while (!write(CHATS, kept) && kept.length > 1) kept = kept.slice(0, -1);
  }

  let owned = null; // which of the chats this window shows; a reload asks sessionStorage
  const mine = () => owned ?? read(MINE, null, sessionStorage);
  const own = (id, revision) => write(MINE, (owned = { id, revision }), sessionStorage);
  const newId = () => Date.now().toString(36) + Math.random().toString(36).slice(2, 8);

  const qa = {
    turns: [],

    chats: () => [read(CHATS, [])].flat().filter((chat) => chat?.id && Array.isArray(chat.turns)),

    // The chat of this window; in a new window the one used last. A question that was waiting when the page
    // closed has no answer to come.
    load() {
      const chats = qa.chats();
      const chat = mine() ? chats.find((chat) => chat.id === mine().id) : chats[0];
      if (!chat) return [];
      own(chat.id, chat.revision);
      return chat.turns.map((turn) => (turn.answer || turn.fault ? turn : { ...turn, stopped: true }));
    },

    // Two windows of one chat part ways at the first question that one of them does not know.
    save() {
      if (!qa.turns.length) return;
      const known = mine(), chats = qa.chats();
      const stored = chats.find((chat) => chat.id === known?.id);
      const same = stored && stored.revision === known.revision;
      const id = known && (same || !stored) ? known.id : newId();
      const revision = (known?.revision ?? 0) + 1;
      writeChats([{ id, revision, at: Date.now(), turns: qa.turns }, ...chats.filter((chat) => chat.id !== id)]);
      own(id, revision);
    },

    chat: () => mine()?.id,
    begin: () => own(newId(), 0),
    open(id) {
      const chat = qa.chats().find((chat) => chat.id === id);
      if (chat) own(chat.id, chat.revision);
      return qa.load();
    },
    forget: (id) => writeChats(qa.chats().filter((chat) => id && chat.id !== id)),

    // null: as the program's settings say.
    settings: () => ({ quotes: null, threshold: null, ...read(SETTINGS, {}) }),
    set(settings) {
      write(SETTINGS, settings);
      document.dispatchEvent(new CustomEvent("qa:settings"));
    },
    articles: () => read(ARTICLES, null),
    choice: () => ({ ...qa.settings(), articles: qa.articles() }),

    show(tab) {
      root.dataset.tab = tab;
      document.dispatchEvent(new CustomEvent("qa:tab", { detail: { tab } }));
    },

    // A page that is not served by this machine or over TLS has no clipboard.
    async copy(text) {
      if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
      const paper = document.createElement("textarea");
      paper.value = text;
      document.body.append(paper);
      paper.select();
      document.execCommand("copy");
      paper.remove();
    },

    save_as(name, type, text) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
    },

    // Its JSON, or {problem, remedy} in words a person can use.
    async post(path, data) {
      const sent = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) };
      try {
        const reply = await fetch(path, sent);
        const told = await reply.json();
        return reply.ok || told.problem ? told : { problem: `the server answered ${reply.status}`, remedy: "try again" };
      } catch {
        return { problem: "the server does not answer", remedy: "see whether it still runs, then try again" };
      }
    },

    sentence: ({ problem, remedy }) => `${problem.slice(0, 1).toUpperCase()}${problem.slice(1)}${remedy ? `; ${remedy}` : ""}.`,
  };
  // Chosen in another window, it holds for the next question here too, and so is said here too.
  addEventListener("storage", ({ key }) => {
    if (key === SETTINGS) document.dispatchEvent(new CustomEvent("qa:settings"));
    if (key === ARTICLES) document.dispatchEvent(new CustomEvent("qa:asked", { detail: { articles: qa.articles() } }));
  });
  return qa;
})();
const qa = window.qa;
