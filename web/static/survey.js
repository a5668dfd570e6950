// The survey without reloading: answers are sent in the background, and the page's content is replaced.
// Everything works without this file. What the server answers is a whole page; nothing here knows what it asks.
(() => {
  "use strict";
  const main = () => document.getElementById("main");
  const address = () => location.pathname + location.search;
  let busy = false;
  let shown = address();

  const show = (text, url) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.getElementById("main");
    if (!fresh) return false;
    document.title = page.title;
    document.documentElement.lang = page.documentElement.lang;
    document.body.className = page.body.className;
    for (const place of [".skip-link", ".top", ".bottom"]) {
      document.querySelector(place).replaceWith(page.querySelector(place));
    }
    const said = fresh.querySelector(".said");
    const notices = said ? [...said.children] : [];
    if (said) said.replaceChildren();
    const place = main().querySelector(".question")?.dataset.place;
    main().replaceWith(fresh);
    const path = new URL(url).pathname;
    if (place) { // the browser's way back leads to the question that was just answered, to look at or change
      history.replaceState(null, "", `${path}?fraga=${place}`);
      history.pushState(null, "", path);
    } else {
      history.replaceState(null, "", path);
    }
    shown = address();
    const heading = fresh.querySelector("[aria-invalid]") || fresh.querySelector("h1") || fresh;
    if (heading.tabIndex < 0) heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    window.scrollTo(0, 0);
    // a live region tells only of what changes in it while it is there
    if (said) setTimeout(() => said.replaceChildren(...notices), 50);
    return true;
  };

  const say = (text, warn) => {
    const said = main().querySelector(".said");
    const notice = document.createElement("p");
    notice.className = warn ? "notice warn" : "visually-hidden";
    notice.textContent = text;
    said.replaceChildren(notice);
    if (warn) window.scrollTo(0, 0);
  };

  const go = async (url, options) => {
    const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", ...options });
    // what was written stays, unless the answer is about just that, or the survey is no more
    if (!answer.ok && ![400, 404, 409, 410].includes(answer.status)) throw new Error("try again");
    const isPage = (answer.headers.get("Content-Type") || "").startsWith("text/html");
    if (!isPage || !show(await answer.text(), answer.url)) throw new Error("no page");
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.classList.contains("answer") || !event.submitter) return; // old browsers send it themselves
    event.preventDefault();
    if (busy) return;
    busy = true;
    const fields = new URLSearchParams(new FormData(form));
    fields.set(event.submitter.name, event.submitter.value);
    event.submitter.classList.add("sending");
    say(form.dataset.working, false);
    try {
      await go(form.action, { method: "POST", body: fields });
    } catch {
      say(form.dataset.failed, true);
      event.submitter.classList.remove("sending");
    } finally {
      busy = false;
    }
  });

  // Back and forward are looks: the page is asked for anew, and no form is sent. Links within the page move nothing.
  window.addEventListener("popstate", () => {
    if (address() !== shown) location.reload();
  });

  // A page that comes back from the browser's memory may be old: ask how the survey stands.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
})();
