/* The page of an application that is not submitted yet, or waits for more documents. Without this script everything works by its buttons: here what is
 * typed and chosen is kept at once, and files that are on their way are followed. */
(() => {
    const page = document.querySelector("[data-kho-dl-application]");
    if (!page) {
        return;
    }
    const say = (name, isShown = true) => {
        const words = page.querySelector(`[data-kho-dl-says="${name}"]`);
        words && (words.hidden = !isShown);
    };

    // -- what is typed and chosen ----------------------------------------------------------------
    const waiting = new Map();
    const keep = async (form) => {
        clearTimeout(waiting.get(form));
        waiting.delete(form);
        const typed = new FormData(form);
        typed.set("keep", "1");
        try {
            const answer = await fetch(form.action, { method: "POST", body: typed, redirect: "manual" });
            say("lost", !(answer.ok || answer.type === "opaqueredirect"));
            return true;
        } catch {
            say("lost");
            return false;
        }
    };
    page.addEventListener("change", ({ target }) => {
        const form = target.form;
        if (form?.dataset.khoDlKept !== undefined && target.type !== "file") {
            clearTimeout(waiting.get(form));
            waiting.set(
                form,
                setTimeout(() => keep(form), 400)
            );
        }
    });
    page.addEventListener("submit", async (ev) => {
        // What is kept in passing must not come after what is sent now.
        clearTimeout(waiting.get(ev.target));
        waiting.delete(ev.target);
        if (navigator.onLine && !waiting.size) {
            return;
        }
        ev.preventDefault();
        // What was typed into another form a moment ago goes first: the next page would not have it.
        const kept = await Promise.all([...waiting.keys()].map(keep));
        if (navigator.onLine && kept.every(Boolean)) {
            return ev.target.requestSubmit(ev.submitter);
        }
        say("lost");
        page.querySelector('[data-kho-dl-says="lost"]').scrollIntoView({ block: "center" });
    });
    window.addEventListener("online", () => say("lost", false));

    // -- files that are on their way ---------------------------------------------------------------
    const box = page.querySelector("[data-kho-dl-progress]");
    let seconds = 2;
    const look = async () => {
        seconds = Math.min(seconds * 1.3, 20);
        try {
            const answer = await fetch(box.dataset.khoDlProgress, { headers: { Accept: "application/json" } });
            const { total, done, under_way: left } = await answer.json();
            const bar = box.querySelector("progress");
            bar.hidden = !total;
            bar.max = total || 1;
            bar.value = done;
            if (!left) {
                // What somebody is about to type or send is not taken away.
                return page.contains(document.activeElement) ? say("arrived") : location.reload();
            }
        } catch {
            // No connection for the moment.
        }
        setTimeout(look, seconds * 1000);
    };
    box && setTimeout(look, seconds * 1000);
})();
