/* Words to the office that are not sent yet stay with this tab while another form of the page is sent, or the page is left. */
(() => {
    const OURS = "kho_dl ";
    // On every page, also of others: a browser that was told to keep nothing throws, and all behind this in the file would not run.
    try {
        window.sessionStorage.getItem(OURS);
    } catch {
        return;
    }
    // Another person may be the next who uses this computer.
    const forget = (isTheirs = () => false) =>
        Object.keys(sessionStorage)
            .filter((key) => key.startsWith(OURS) && !isTheirs(key))
            .forEach((key) => sessionStorage.removeItem(key));

    document.addEventListener("click", (ev) => ev.target.closest?.('a[href*="/web/session/logout"]') && forget());
    // Who signed out elsewhere, too; where a login ran out, it leads back to the page, and the same person goes on there.
    // Of the form, which keeps it where a password was mistyped.
    const leadsTo = document.querySelector("input[name='redirect']")?.value;
    if (location.pathname.endsWith("/web/login") && !/\/my\b/.test(leadsTo)) {
        forget();
    }
    for (const box of document.querySelectorAll("textarea[data-kho-dl-words]")) {
        const whose = `${OURS}${box.dataset.khoDlWords} `;
        const place = whose + new URL(box.form.action).pathname;
        const sending = `${whose}sending`;
        forget((key) => key.startsWith(whose));
        // Only what was sent leads to the messages: a login that ended, or a connection, leads elsewhere.
        if (sessionStorage.getItem(sending) === place && location.hash === "#messages") {
            sessionStorage.removeItem(place);
        }
        sessionStorage.removeItem(sending);
        box.value ||= sessionStorage.getItem(place) || "";
        box.addEventListener("input", () => sessionStorage.setItem(place, box.value));
        box.form.addEventListener("submit", () => sessionStorage.setItem(sending, place));
    }
})();
