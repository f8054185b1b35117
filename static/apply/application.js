/* The page of an application that is not submitted yet. Without this script everything works by its buttons: here what is
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
        waiting.delete(form);
        const typed = new FormData(form);
        typed.set("keep", "1");
        try {
            const answer = await fetch(form.action, { method: "POST", body: typed, redirect: "manual" });
            say("lost", !(answer.ok || answer.type === "opaqueredirect"));
        } catch {
            say("lost");
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
    page.addEventListener("submit", (ev) => {
        // What is kept in passing must not come after what is sent now.
        waiting.forEach((timer) => clearTimeout(timer));
        if (navigator.onLine) {
            return;
        }
        ev.preventDefault();
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
