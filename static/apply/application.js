/* The page of an application that is not submitted yet, or waits for more documents. Without this script everything works
 * by its buttons: here what is typed and chosen is kept at once, and files that are on their way are followed. */
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
    // {form: timer} of what is kept soon, {form: promise} of what is on its way.
    const typed = new Map();
    const onItsWay = new Map();
    const keep = (form) => {
        clearTimeout(typed.get(form));
        typed.delete(form);
        const body = new FormData(form);
        body.set("keep", "1");
        const sent = fetch(form.action, {
            method: "POST",
            body,
            redirect: "manual",
            signal: AbortSignal.timeout(10000),
        })
            .then(
                (answer) => {
                    say("lost", !(answer.ok || answer.type === "opaqueredirect"));
                    return true;
                },
                () => {
                    say("lost");
                    return false;
                }
            )
            .finally(() => onItsWay.get(form) === sent && onItsWay.delete(form));
        onItsWay.set(form, sent);
    };
    page.addEventListener("change", ({ target }) => {
        const form = target.form;
        if (form?.dataset.khoDlKept !== undefined && target.type !== "file") {
            clearTimeout(typed.get(form));
            typed.set(
                form,
                setTimeout(() => keep(form), 400)
            );
        }
    });
    let isWaiting = false;
    document.addEventListener("submit", async (ev) => {
        if (isWaiting) {
            return ev.preventDefault();
        }
        // What is kept in passing must not come after what is sent now.
        clearTimeout(typed.get(ev.target));
        typed.delete(ev.target);
        if (navigator.onLine && !typed.size && !onItsWay.size) {
            return;
        }
        ev.preventDefault();
        const others = [...typed.keys()];
        if (!others.every((form) => form.reportValidity())) {
            return;
        }
        // What was typed into another form a moment ago goes first: the next page would not have it.
        others.forEach(keep);
        isWaiting = true;
        const kept = await Promise.all(onItsWay.values());
        isWaiting = false;
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
