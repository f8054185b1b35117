/* Words to the office that are not sent yet stay with this tab while another form of the page is sent, or the page is left. */
(() => {
    for (const box of document.querySelectorAll("textarea[data-kho-dl-words]")) {
        const whose = `kho_dl ${box.dataset.khoDlWords} `;
        const place = whose + new URL(box.form.action).pathname;
        const sending = `${whose}sending`;
        // Another person may be the next who uses this computer.
        Object.keys(sessionStorage)
            .filter((key) => key.startsWith("kho_dl ") && !key.startsWith(whose))
            .forEach((key) => sessionStorage.removeItem(key));
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
